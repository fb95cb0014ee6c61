//! The wire formats of the service.

/// Wire format of requests and responses. The models are the same in both formats.
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
    /// XML, in the dialect of Ruby on Rails.
    Xml,
}

impl Format {
    /// Returns the media type for `Content-Type` and `Accept`.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }

    /// The suffix of endpoint paths, without the dot.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }
}
