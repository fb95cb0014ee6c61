//! Arbitrary responses of services and storages to file transfers. Downloads contain only received bytes, and no file
//! is written outside the target.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    mft_fuzz::transfers::any(data);
});
