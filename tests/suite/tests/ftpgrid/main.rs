//! ftpGrid against its simulator.

mod auth;
mod early;
mod machine;
mod oddities;
mod operations;
mod races;
mod round_trip;
mod sweep;
mod transfer;
