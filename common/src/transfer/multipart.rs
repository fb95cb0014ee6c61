//! Bodies of `multipart/form-data`.

use std::fmt::Write as _;

use bytes::Bytes;
use http::HeaderValue;

/// What stands around the data of a form. Each one has a boundary of its own.
#[derive(Debug, Clone)]
pub(super) struct Multipart {
    boundary: String,
}

impl Multipart {
    pub(super) fn new() -> Self {
        // Long and random: it does not occur in the data.
        Self { boundary: format!("mft{:032x}{:016x}", fastrand::u128(..), fastrand::u64(..)) }
    }

    pub(super) fn content_type(&self) -> HeaderValue {
        HeaderValue::try_from(format!("multipart/form-data; boundary={}", self.boundary))
            .unwrap_or(HeaderValue::from_static("multipart/form-data"))
    }

    /// A whole field of text.
    pub(super) fn field(&self, text: &mut String, name: &str, value: &str) {
        let (boundary, name) = (&self.boundary, quoted(name));
        let _ = write!(text, "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }

    /// What stands before the bytes of a file. A line end stands behind them.
    pub(super) fn file(&self, text: &mut String, name: &str, file_name: &str, content_type: &str) {
        let (boundary, name, file_name) = (&self.boundary, quoted(name), quoted(file_name));
        let content_type = content_type.replace(['\r', '\n'], " ");
        let _ = write!(
            text,
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
             Content-Type: {content_type}\r\n\r\n"
        );
    }

    pub(super) fn end(&self, text: &mut String) {
        let _ = write!(text, "--{}--\r\n", self.boundary);
    }
}

/// What stands around the data in the body of a part. The default is no form at all.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) before: Option<Bytes>,
    pub(super) after: Option<Bytes>,
    content_type: Option<HeaderValue>,
}

impl Frame {
    pub(super) fn new<'f>(fields: impl Iterator<Item = &'f (String, String)>, data: &str, content_type: &str) -> Self {
        let form = Multipart::new();
        let (mut before, mut after) = (String::new(), String::from("\r\n"));
        for (name, value) in fields {
            form.field(&mut before, name, value);
        }
        form.file(&mut before, data, "part", content_type);
        form.end(&mut after);
        Self { before: Some(before.into()), after: Some(after.into()), content_type: Some(form.content_type()) }
    }

    /// The bytes that it adds to the data.
    pub(super) fn len(&self) -> u64 {
        [&self.before, &self.after].into_iter().flatten().map(|text| text.len() as u64).sum()
    }

    pub(super) fn content_type(&self) -> Option<HeaderValue> {
        self.content_type.clone()
    }
}

/// As browsers write the names of fields and files.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
