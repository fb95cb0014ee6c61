//! The two formats of the service.

/// JSON or XML. The models are the same; a client speaks JSON unless it is told otherwise.
///
/// # Examples
///
/// ```no_run
/// use brickftp::{Authentication, Client, Format};
///
/// let client = Client::builder("acme", Authentication::api_key("api-key")).format(Format::Xml).build()?;
/// # Ok::<(), brickftp::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// JSON.
    #[default]
    Json,
    /// XML, in the dialect of Rails.
    Xml,
}

impl Format {
    /// What stands in `Content-Type` and `Accept`.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }

    /// The suffix of ordinary endpoints, without its dot.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }
}
