//! Stook against its simulator.

mod auth;
mod oddities;
mod operations;
mod round_trip;
mod sweep;
