//! Forms with one large field, which comes last.

use std::fmt::Write as _;

use bytes::Bytes;
use http::HeaderValue;

/// What stands around the data in a `multipart/form-data` body. The default is no form at all.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) before: Option<Bytes>,
    pub(super) after: Option<Bytes>,
    boundary: String,
}

impl Frame {
    pub(super) fn new<'f>(fields: impl Iterator<Item = &'f (String, String)>, data: &str, content_type: &str) -> Self {
        // Long and random: it does not occur in the data.
        let boundary = format!("mft{:032x}{:016x}", fastrand::u128(..), fastrand::u64(..));
        let mut before = String::new();
        for (name, value) in fields {
            let _ = write!(before, "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n", quoted(name));
            before.push_str(value);
            before.push_str("\r\n");
        }
        let _ = write!(
            before,
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"part\"\r\nContent-Type: {}\r\n\r\n",
            quoted(data),
            content_type.replace(['\r', '\n'], " ")
        );
        let after = format!("\r\n--{boundary}--\r\n");
        Self { before: Some(before.into()), after: Some(after.into()), boundary }
    }

    /// The bytes that it adds to the data.
    pub(super) fn len(&self) -> u64 {
        [&self.before, &self.after].into_iter().flatten().map(|text| text.len() as u64).sum()
    }

    pub(super) fn content_type(&self) -> HeaderValue {
        HeaderValue::try_from(format!("multipart/form-data; boundary={}", self.boundary))
            .unwrap_or(HeaderValue::from_static("multipart/form-data"))
    }
}

/// As browsers write names of fields.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
