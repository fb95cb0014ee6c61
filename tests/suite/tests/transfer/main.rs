//! Transfers of BrickFTP with its simulator: multipart uploads, ranged downloads, faults.

mod download_faults;
mod download_targets;
mod hedging;
mod presigned_urls;
mod resume;
mod sizes;
mod trees;
mod upload_completion;
mod upload_faults;
mod upload_sources;
