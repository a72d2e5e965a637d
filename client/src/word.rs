//! Words of answers: those that are known, and any that a newer server may say.

/// An enum of words. A word that is not among them is kept as it is, and is never taken for another.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$of:meta])* $value:ident = $word:literal,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$of])* $value,)*
            /// A word that this version of the client does not know.
            Unknown(String),
        }

        impl $name {
            /// Every word that is known.
            pub const KNOWN: &'static [&'static str] = &[$($word,)*];

            /// The word.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$value => $word,)*
                    Self::Unknown(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$value,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word: std::borrow::Cow<'_, str> = serde::Deserialize::deserialize(deserializer)?;
                Ok(Self::from(&*word))
            }
        }
    };
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    use crate::Outcome;

    #[test]
    fn an_unknown_word_stays_what_it_is() {
        let read = |text| serde_json::from_str::<Outcome>(text).unwrap();
        assert_eq!(read("\"clear\""), Outcome::Clear);
        let unknown = read("\"kl\\u00e4r\"");
        assert_eq!(unknown, Outcome::Unknown("klär".to_owned()));
        assert_eq!(serde_json::to_string(&unknown).unwrap(), "\"klär\"");
        assert!(serde_json::from_str::<Outcome>("1").is_err());
        assert_eq!(Outcome::KNOWN, ["findings", "incomplete", "clear"]);
    }
}
