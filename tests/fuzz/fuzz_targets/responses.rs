//! Arbitrary responses to any operation of any client.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    mft_fuzz::operations::any(data);
});
