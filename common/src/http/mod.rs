//! Requests, bodies and the default transport.

pub(crate) mod body;
pub(crate) mod idle;
pub(crate) mod path;
pub(crate) mod path_value;
pub(crate) mod reqwest;
pub(crate) mod transport;

pub use body::{Body, BodyError};
pub use reqwest::{ReqwestTransport, ReqwestTransportBuilder};
pub use transport::{Request, Response, Transport};

pub(crate) use transport::DynTransport;
