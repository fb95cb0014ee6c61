//! Any replies of services and storages to transfers of files: no byte that did not come, and no file elsewhere.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    mft_fuzz::transfers::any(data);
});
