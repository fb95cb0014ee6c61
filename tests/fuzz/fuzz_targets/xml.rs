//! Any bytes as XML: a value or an error that quotes nothing, and never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = brickftp::xml::root_name(data);
    match brickftp::xml::from_slice::<serde_json::Value>(data) {
        Ok(value) => drop(value),
        Err(error) => assert!(error.to_string().len() < 1_000),
    }
});
