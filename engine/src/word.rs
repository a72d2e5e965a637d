//! Values that answers name: each with its word, so that the list of words cannot lack one.

/// Gives an enum without data the words by which answers name its values, and the list of values.
macro_rules! words {
    ($type:ident { $($value:ident => $word:literal,)* }) => {
        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$value,)*];

            /// The word used in answers.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)*
                }
            }
        }
    };
}

pub(crate) use words;
