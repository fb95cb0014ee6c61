//! Transfers of BrickFTP against its simulator: in parts, by ranges, with faults.

mod download_faults;
mod download_places;
mod matrix;
mod signed_urls;
mod slow_parts;
mod trees;
mod upload_ends;
mod upload_faults;
mod upload_input;
