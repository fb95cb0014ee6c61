//! Response formats.

use http::HeaderMap;
use http::header::ACCEPT;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Xml,
    Html,
    Xls,
    Csv,
}

impl Format {
    pub(crate) fn from_suffix(suffix: &str) -> Option<Self> {
        Some(match suffix {
            "json" => Self::Json,
            "xml" => Self::Xml,
            "html" => Self::Html,
            "xls" => Self::Xls,
            "csv" => Self::Csv,
            _ => return None,
        })
    }

    /// Returns the supported format with the greatest weight in `Accept`. If several have it, the first wins.
    pub(crate) fn from_accept(headers: &HeaderMap, exports: bool) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for value in headers.get_all(ACCEPT) {
            for range in value.to_str().unwrap_or_default().split(',') {
                let mut words = range.split(';').map(str::trim);
                let format = match words.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                    "application/json" => Self::Json,
                    "application/xml" | "text/xml" => Self::Xml,
                    "text/html" if exports => Self::Html,
                    "application/vnd.ms-excel" if exports => Self::Xls,
                    "text/csv" if exports => Self::Csv,
                    _ => continue,
                };
                let weight = words.find_map(|word| word.strip_prefix("q=")).and_then(|weight| weight.parse().ok());
                let weight = weight.unwrap_or(1.0);
                if best.is_none_or(|(greatest, _)| weight > greatest) {
                    best = Some((weight, format));
                }
            }
        }
        best.map(|(_, format)| format)
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Xls => "application/vnd.ms-excel",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}
