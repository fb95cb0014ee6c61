//! The result of a delete.

/// The result of a delete on a service that returns the deleted object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deleted<T> {
    /// The last attempt deleted the object. Contains its last state.
    Now(T),
    /// A retry found no object: an earlier attempt, whose response was lost, or another client deleted it.
    AlreadyGone,
}

impl<T> Deleted<T> {
    /// Returns the object if the service returned it.
    pub fn into_object(self) -> Option<T> {
        match self {
            Self::Now(object) => Some(object),
            Self::AlreadyGone => None,
        }
    }
}
