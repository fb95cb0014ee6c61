//! Macros that several simulators use.

/// Defines builder methods that set one field of `self.settings`, inside the `impl` block of a builder:
///
/// ```ignore
/// setters! {
///     /// Sets the API key. Default: generated from the seed.
///     api_key(key: impl Into<String>) => api_key = Some(key.into());
/// }
/// ```
macro_rules! setters {
    ($($(#[$meta:meta])* $name:ident($($value:ident: $type:ty)?) => $field:ident = $expression:expr;)+) => {$(
        $(#[$meta])*
        pub fn $name(mut self $(, $value: $type)?) -> Self {
            self.settings.$field = $expression;
            self
        }
    )+};
}

/// Implements `Debug` for a struct. The fields after `redacts` are shown as `***`.
macro_rules! redacted_debug {
    ($type:ident { $($field:ident),+ } redacts $($secret:ident),+) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($type))
                    $(.field(stringify!($field), &self.$field))+
                    $(.field(stringify!($secret), &"***"))+
                    .finish()
            }
        }
    };
}
