//! What a delete brings back.

/// The result of a delete on a service that returns what it deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deleted<T> {
    /// Deleted by this attempt; the last state of the object.
    Now(T),
    /// Gone when the delete was repeated: an earlier attempt, whose reply was lost, had done it, or somebody else had.
    AlreadyGone,
}

impl<T> Deleted<T> {
    /// The object, where the service returned it.
    pub fn into_object(self) -> Option<T> {
        match self {
            Self::Now(object) => Some(object),
            Self::AlreadyGone => None,
        }
    }
}
