//! Form uploads: files in one `multipart/form-data` request.

pub(crate) mod body;
pub(crate) mod multipart;
pub(crate) mod upload;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, header};

use crate::pipeline::call::builder::CallBuilder;
use crate::transfer::form::body::{FileReader, FormProgress, FormStream};
use crate::transfer::form::multipart::Multipart;
use crate::transfer::source::seekable::Seekable;
use crate::transfer::source::{OpenSource, Source};
use crate::{Body, Idempotency, Result};

/// A file of a form.
#[derive(Debug)]
pub struct FormFile {
    field: String,
    file_name: String,
    content_type: String,
    source: Source,
}

impl FormFile {
    /// Creates a file with the name of its form field and its file name.
    pub fn new(field: impl Into<String>, file_name: impl Into<String>, source: Source) -> Self {
        let content_type = "application/octet-stream".to_owned();
        Self { field: field.into(), file_name: file_name.into(), content_type, source }
    }

    /// Sets the media type. Default: `application/octet-stream`.
    #[must_use]
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = media_type.into();
        self
    }
}

/// An encoded form for a call; see [`CallBuilder::form`].
pub struct FormBody {
    body: Body,
    content_type: HeaderValue,
    response_timeout: Duration,
    idempotency: Idempotency,
}

impl CallBuilder {
    /// Sets a form with files as the body. The call is idempotent if all files can be read again. No overall timeout
    /// applies, only the idle timeout.
    pub fn form(self, form: FormBody) -> Self {
        let content_type = form.content_type.to_str().unwrap_or("multipart/form-data").to_owned();
        self.body(form.body)
            .header(header::CONTENT_TYPE, &content_type)
            .response_timeout(form.response_timeout)
            .idempotency(form.idempotency)
    }
}

partial_debug!(FormBody, self => body: self.body);

/// Open files and the texts between them.
pub(crate) struct Form {
    multipart: Multipart,
    files: Vec<OpenSource>,
    /// The text before each file, and the text after the last one.
    texts: Vec<Bytes>,
    /// Bytes of all files, if known.
    pub(crate) size: Option<u64>,
}

impl Form {
    /// Opens the files without reading them.
    pub(crate) async fn open(files: Vec<FormFile>, fields: &[(String, String)]) -> Result<Self> {
        let multipart = Multipart::new();
        let (mut opened, mut texts, mut text, mut size) = (Vec::new(), Vec::new(), String::new(), Some(0_u64));
        for FormFile { field, file_name, content_type, source } in files {
            multipart.file(&mut text, &field, &file_name, &content_type);
            texts.push(Bytes::from(std::mem::replace(&mut text, String::from("\r\n"))));
            let source = source.open().await?;
            size = size.zip(source.size()).and_then(|(size, length)| size.checked_add(length));
            opened.push(source);
        }
        for (name, value) in fields {
            multipart.field(&mut text, name, value);
        }
        multipart.end(&mut text);
        texts.push(text.into());
        Ok(Self { multipart, files: opened, texts, size })
    }

    pub(crate) fn file_count(&self) -> u32 {
        u32::try_from(self.files.len()).unwrap_or(u32::MAX)
    }

    /// Returns the form as a body, which is replayable if all files can be read again.
    pub(crate) fn into_body(self, progress: &Arc<FormProgress>, response_timeout: Duration) -> FormBody {
        let Self { multipart, files, texts, size } = self;
        let around: u64 = texts.iter().map(|text| text.len() as u64).sum();
        let length = size.and_then(|size| size.checked_add(around));
        let seekable: Option<Vec<Seekable>> = files.iter().map(OpenSource::seekable).collect();
        let progress = Arc::clone(progress);
        let (body, idempotency) = if let Some(files) = seekable {
            let open = move || {
                progress.start_attempt();
                let files = files.iter().map(|file| FileReader::Seekable(file.clone(), None));
                FormStream::new(texts.iter().cloned(), files, &progress)
            };
            (Body::replayable(open, length), Idempotency::Idempotent)
        } else {
            let stream = FormStream::new(texts.into_iter(), files.into_iter().map(FileReader::from), &progress);
            (Body::from_stream(stream, length), Idempotency::NonIdempotent)
        };
        FormBody { body, content_type: multipart.content_type(), response_timeout, idempotency }
    }
}
