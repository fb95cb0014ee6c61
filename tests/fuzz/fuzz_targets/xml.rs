//! Arbitrary bytes as XML: the result is a value or an error that quotes nothing, without a panic. A decoded value can
//! be encoded and decoded again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mft_fuzz::checks::PLANTED;
use mft_fuzz::memory::{assert_bounded, peak};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let _ = brickftp::xml::root_name(data);
    let (value, peak_bytes) = peak(|| brickftp::xml::from_slice::<Value>(data));
    assert_bounded("a document", peak_bytes, data.len());
    match value {
        Ok(value) => {
            // Not every value can be encoded: a key may be an invalid XML name, and a text may contain characters that
            // XML forbids.
            let Ok(document) = brickftp::xml::to_vec("root", &value) else { return };
            let decoded = brickftp::xml::from_slice::<Value>(&document);
            assert!(decoded.is_ok(), "{value:?} was encoded as {}: {decoded:?}", String::from_utf8_lossy(&document));
        }
        Err(error) => {
            let line = error.to_string();
            // The error contains the element names of its position, and the name of an unsupported encoding.
            let in_name = error.path().contains(PLANTED) || error.class() == brickftp::xml::Class::Encoding;
            assert!(line.len() < 1_000 && (in_name || !line.contains(PLANTED)), "{line}");
        }
    }
});
