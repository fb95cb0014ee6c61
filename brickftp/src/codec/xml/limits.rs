//! Resource limits of a document.

/// Resource limits of a document.
///
/// The client's response limit bounds the size of a document before it is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Maximum nesting depth. Default: 128. Recursive types are read by recursion, so this bounds the stack.
    pub depth: usize,
    /// Maximum length of an element name in bytes. Default: 256.
    pub name_bytes: usize,
    /// Maximum number of attributes of one element. Default: 32.
    pub attributes: usize,
    /// Maximum total length of the attributes of one element in bytes. Default: 4 KiB.
    pub attribute_bytes: usize,
}

impl Limits {
    /// The limits of [`from_slice`](super::from_slice).
    pub const DEFAULT: Self = Self { depth: 128, name_bytes: 256, attributes: 32, attribute_bytes: 4096 };

    /// Sets the maximum nesting depth.
    #[must_use]
    pub const fn depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
