//! SFTP To Go with its simulator.

mod auth;
mod helpers;
mod lists;
mod operations;
mod round_trip;
mod sweep;
mod webhooks;
