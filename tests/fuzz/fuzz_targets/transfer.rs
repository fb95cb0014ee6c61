//! What services and files hand to the transfer engine: addresses, headers, names, tokens.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use mft_common::transfer::{ResumeToken, SignedUrl, local_path, storage_headers};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(url) = SignedUrl::parse(text, true) {
        assert!(!format!("{url:?}").contains('?'));
    }
    let (name, value) = text.split_once('\n').unwrap_or((text, ""));
    let _ = storage_headers([(name, value)]);
    let root = Path::new("/srv/in");
    if let Ok(path) = local_path(root, text) {
        assert!(path.starts_with(root) && path != root);
    }
    let _ = serde_json::from_str::<ResumeToken>(text);
});
