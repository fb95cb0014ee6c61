//! BrickFTP with its simulator, in JSON and in XML.

mod auth;
mod lists;
mod operations;
mod round_trip;
mod sweep;
