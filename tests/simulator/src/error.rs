use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::UnknownOperation;

/// The reason why a simulator did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The server cannot listen on the address.
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The TLS certificate cannot be generated.
    Certificate(String),
    /// A fault rule names an operation that does not exist.
    Fault(UnknownOperation),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, source } => write!(f, "cannot listen on {address}: {source}"),
            Self::Certificate(problem) => write!(f, "cannot generate a certificate: {problem}"),
            Self::Fault(unknown) => write!(f, "invalid fault rule: {unknown}"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Listen { source, .. } => Some(source),
            Self::Certificate(_) => None,
            Self::Fault(unknown) => Some(unknown),
        }
    }
}

impl From<UnknownOperation> for StartError {
    fn from(unknown: UnknownOperation) -> Self {
        Self::Fault(unknown)
    }
}
