//! Encoding of `multipart/form-data`.

use std::fmt::Write as _;

use bytes::Bytes;
use http::HeaderValue;

/// Writes the parts of one form, separated by its boundary.
#[derive(Debug, Clone)]
pub(crate) struct Multipart {
    boundary: String,
}

impl Multipart {
    pub(crate) fn new() -> Self {
        // Long and random, so that it does not occur in the data.
        Self { boundary: format!("mft{:032x}{:016x}", fastrand::u128(..), fastrand::u64(..)) }
    }

    pub(crate) fn content_type(&self) -> HeaderValue {
        HeaderValue::try_from(format!("multipart/form-data; boundary={}", self.boundary))
            .unwrap_or(HeaderValue::from_static("multipart/form-data"))
    }

    /// Writes a text field.
    pub(crate) fn field(&self, text: &mut String, name: &str, value: &str) {
        let (boundary, name) = (&self.boundary, escape(name));
        let _ = write!(text, "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }

    /// Writes the header of a file. Its content and a line break must follow.
    pub(crate) fn file(&self, text: &mut String, name: &str, file_name: &str, content_type: &str) {
        let (boundary, name, file_name) = (&self.boundary, escape(name), escape(file_name));
        let content_type = content_type.replace(['\r', '\n'], " ");
        let _ = write!(
            text,
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
             Content-Type: {content_type}\r\n\r\n"
        );
    }

    /// Writes the end of the form.
    pub(crate) fn end(&self, text: &mut String) {
        let _ = write!(text, "--{}--\r\n", self.boundary);
    }
}

/// The form around the content of a part. The default is no form.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    pub(crate) before: Option<Bytes>,
    pub(crate) after: Option<Bytes>,
    content_type: Option<HeaderValue>,
}

impl Frame {
    pub(crate) fn new<'f>(fields: impl Iterator<Item = &'f (String, String)>, data: &str, content_type: &str) -> Self {
        let form = Multipart::new();
        let (mut before, mut after) = (String::new(), String::from("\r\n"));
        for (name, value) in fields {
            form.field(&mut before, name, value);
        }
        form.file(&mut before, data, "part", content_type);
        form.end(&mut after);
        Self { before: Some(before.into()), after: Some(after.into()), content_type: Some(form.content_type()) }
    }

    /// Returns the number of bytes that the form adds to the content.
    pub(crate) fn len(&self) -> u64 {
        [&self.before, &self.after].into_iter().flatten().map(|text| text.len() as u64).sum()
    }

    pub(crate) fn content_type(&self) -> Option<HeaderValue> {
        self.content_type.clone()
    }
}

/// Escapes the name of a field or file as browsers do.
fn escape(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
