//! Buckets with its simulator.

mod lists;
mod operations;
mod round_trip;
mod sweep;
mod webhooks;
