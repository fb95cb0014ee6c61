//! Buckets against its simulator.

mod deliveries;
mod lists;
mod operations;
mod round_trip;
mod sweep;
