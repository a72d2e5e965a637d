//! Closed sets of words, each with a table that has one value for every word: what is counted by a
//! word is found without a map, a lock or an allocation.

/// Makes an enum of words, and a table of them.
macro_rules! words {
    (
        $(#[$doc:meta])* $name:ident, $table:ident:
        $($(#[$variant_doc:meta])* $variant:ident = $word:literal;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// The word.
            pub(crate) const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        #[doc = concat!("A value for each [`", stringify!($name), "`].")]
        #[derive(Debug, Default)]
        #[expect(non_snake_case, reason = "a field for each variant, under its name")]
        pub(crate) struct $table<T> {
            $($variant: T,)*
        }

        impl<T> $table<T> {
            /// The value of a word.
            pub(crate) const fn of(&self, word: $name) -> &T {
                match word {
                    $($name::$variant => &self.$variant,)*
                }
            }

            /// Every word and its value.
            pub(crate) fn all(&self) -> impl Iterator<Item = ($name, &T)> {
                [$(($name::$variant, &self.$variant),)*].into_iter()
            }
        }
    };
}

pub(crate) use words;
