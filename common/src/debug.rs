//! `Debug` for types whose other fields cannot be printed or may be secret.

/// Implements `Debug` with the given fields only.
macro_rules! partial_debug {
    ($type:ident $(<$generic:ident>)?, $self:ident => $($field:ident: $value:expr),* $(,)?) => {
        impl$(<$generic>)? ::std::fmt::Debug for $type$(<$generic>)? {
            fn fmt(&$self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(::std::stringify!($type))
                    $(.field(::std::stringify!($field), &$value))*
                    .finish_non_exhaustive()
            }
        }
    };
}
