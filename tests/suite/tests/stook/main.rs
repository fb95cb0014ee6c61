//! Stook with its simulator.

mod auth;
mod operations;
mod round_trip;
mod service_variants;
mod sweep;
