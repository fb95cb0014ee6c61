//! Error documents of an object storage.

/// The `Code` and `Message` of an XML error document. Read without an XML parser, because only these two elements count.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorDocument {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

impl ErrorDocument {
    /// Reads a response body. Both fields are `None` if it holds no error document.
    pub(crate) fn read(body: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(body) else { return Self::default() };
        let Some((_, text)) = text.split_once("<Error") else { return Self::default() };
        let element = |open: &str, close: &str| {
            let inner = text.split_once(open)?.1.split_once(close)?.0;
            let plain = inner.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            Some(plain).filter(|text| !text.is_empty())
        };
        Self { code: element("<Code>", "</Code>"), message: element("<Message>", "</Message>") }
    }

    /// Returns whether the presigned URL has expired.
    pub(crate) fn is_expired(&self) -> bool {
        self.code.as_deref() == Some("ExpiredToken")
            || self.message.as_deref().is_some_and(|message| message.to_ascii_lowercase().contains("expired"))
    }

    /// Returns whether the same request may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        const TRANSIENT: [&str; 6] = [
            "RequestTimeout",
            "InternalError",
            "ServiceUnavailable",
            "TemporarilyUnavailable",
            "SlowDown",
            "RequestLimitExceeded",
        ];
        self.code.as_deref().is_some_and(|code| TRANSIENT.contains(&code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_code_and_message_of_an_error_document() {
        let read = |body: &str| {
            let document = ErrorDocument::read(body.as_bytes());
            (document.is_expired(), document.is_transient(), document.code)
        };
        for (body, expired, transient, code) in [
            (
                "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
                true,
                false,
                Some("AccessDenied"),
            ),
            (
                "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
                false,
                false,
                Some("AccessDenied"),
            ),
            ("<Error><Code>ExpiredToken</Code></Error>", true, false, Some("ExpiredToken")),
            ("<Error><Code>SlowDown</Code><Message>a &lt; b &amp; c</Message></Error>", false, true, Some("SlowDown")),
            ("<Error><Code></Code>", false, false, None),
            ("<html>expired</html>", false, false, None),
            ("", false, false, None),
        ] {
            assert_eq!(read(body), (expired, transient, code.map(str::to_owned)), "{body}");
        }
        assert_eq!(ErrorDocument::read(&[0xff, 0xfe]), ErrorDocument::default());
    }
}
