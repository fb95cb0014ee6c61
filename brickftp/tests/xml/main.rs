//! The XML codec: decoding, encoding, and hostile input.

mod agreement;
mod dialect;
mod hostile;
mod pairs;
mod write;
