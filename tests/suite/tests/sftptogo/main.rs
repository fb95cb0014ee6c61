//! SFTP To Go against its simulator.

mod auth;
mod deliveries;
mod helpers;
mod lists;
mod operations;
mod round_trip;
mod sweep;
