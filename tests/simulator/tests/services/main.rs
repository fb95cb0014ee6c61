//! The behavior of the five simulated services, over the wire.

#[path = "../support/mod.rs"]
mod support;

mod brickftp;
mod ftpgrid;
mod sftptogo;
mod stook;
mod usebuckets;
