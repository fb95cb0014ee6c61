//! How much a document may ask for.

/// How much a document may ask for.
///
/// The size of a document is bounded before it gets here, by the limit of the client on bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Elements within one another, 128 by default; a type that holds itself is read by recursion, so this bounds the
    /// stack.
    pub depth: usize,
    /// Bytes of one element's name, 256 by default.
    pub name_bytes: usize,
    /// Attributes of one element, 32 by default.
    pub attributes: usize,
    /// Bytes of all attributes of one element together, 4 KiB by default.
    pub attribute_bytes: usize,
}

impl Limits {
    /// The limits that [`from_slice`](super::from_slice) uses.
    pub const DEFAULT: Self = Self { depth: 128, name_bytes: 256, attributes: 32, attribute_bytes: 4096 };

    /// Changes how many elements may be within one another.
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
