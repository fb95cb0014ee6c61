//! ftpGrid with its simulator.

mod auth;
mod concurrent_access;
mod early_response;
mod local_failures;
mod operations;
mod round_trip;
mod service_variants;
mod sweep;
mod transfer;
