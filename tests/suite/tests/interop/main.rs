//! Interoperability with third-party software: an S3 server and a Python client.

mod python_client;
mod s3;
mod s3_server;
