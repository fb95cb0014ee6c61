//! Values for the placeholders of a path template.

use std::borrow::Cow;
use std::sync::Arc;

use crate::Result;

/// A value for one placeholder of a path template: text, an id, or the result of a check.
///
/// If the value is an `Err`, the await of the call returns that error before a request is sent.
pub trait PathValue {
    /// Returns the value before percent-encoding.
    ///
    /// # Errors
    ///
    /// Fails with the error of the check that produced the value.
    fn text(&self) -> Result<Cow<'_, str>>;
}

macro_rules! text_values {
    ($($text:ty),+) => {$(
        impl PathValue for $text {
            fn text(&self) -> Result<Cow<'_, str>> {
                Ok(Cow::Borrowed(self))
            }
        }
    )+};
}

text_values!(str, String, Box<str>, Arc<str>);

impl PathValue for u64 {
    fn text(&self) -> Result<Cow<'_, str>> {
        Ok(self.to_string().into())
    }
}

impl<T: PathValue + ?Sized> PathValue for &T {
    fn text(&self) -> Result<Cow<'_, str>> {
        (**self).text()
    }
}

impl<T: PathValue> PathValue for Result<T> {
    fn text(&self) -> Result<Cow<'_, str>> {
        self.as_ref().map_err(Clone::clone)?.text()
    }
}
