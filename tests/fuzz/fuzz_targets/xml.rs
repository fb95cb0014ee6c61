//! Any bytes as XML: a value or an error that quotes nothing, and never a panic. What is read and written again is the
//! same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mft_fuzz::checks::PLANTED;
use mft_fuzz::memory::{assert_bounded, peak};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let _ = brickftp::xml::root_name(data);
    let (read, most) = peak(|| brickftp::xml::from_slice::<Value>(data));
    assert_bounded("a document", most, data.len());
    match read {
        Ok(value) => {
            // Not everything can be written: a name may be no name, a text may hold what XML does not have.
            let Ok(written) = brickftp::xml::to_vec("root", &value) else { return };
            let again = brickftp::xml::from_slice::<Value>(&written);
            assert!(again.is_ok(), "{value:?} was written as {}: {again:?}", String::from_utf8_lossy(&written));
        }
        Err(error) => {
            let said = error.to_string();
            // A place is told by the names of elements, and an encoding by its own.
            let in_name = error.path().contains(PLANTED) || error.class() == brickftp::xml::Class::Encoding;
            assert!(said.len() < 1_000 && (in_name || !said.contains(PLANTED)), "{said}");
        }
    }
});
