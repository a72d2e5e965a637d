//! The language of cards: Japanese, or English for who asks for it.

use hyper::HeaderMap;
use hyper::header::ACCEPT_LANGUAGE;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Japanese,
    English,
}

impl Language {
    /// The one of the two that a caller prefers.
    pub(crate) fn asked(headers: &HeaderMap) -> Self {
        let written = headers.get_all(ACCEPT_LANGUAGE).iter();
        let ranges = written.filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(','));
        let mut best = (Self::Japanese, 0.0_f32);
        for range in ranges {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let language = match tag.split('-').next().unwrap_or_default() {
                "ja" => Self::Japanese,
                "en" => Self::English,
                _ => continue,
            };
            let quality = parts.find_map(|part| part.strip_prefix("q="));
            let quality = quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }

    /// The text in this language.
    pub(crate) const fn of(self, japanese: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Japanese => japanese,
            Self::English => english,
        }
    }

    /// The key of this language in the messages of an answer.
    pub(crate) const fn key(self) -> &'static str {
        self.of("ja", "en")
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn japanese_unless_english_is_preferred() {
        let asked = |written: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(written));
            Language::asked(&headers)
        };
        for written in
            ["", "*", "fr", "ja", "ja,en;q=0.8", "en;q=0.1,ja-JP;q=0.2", "en;q=0", "en;q=x"]
        {
            assert_eq!(asked(written), Language::Japanese, "{written}");
        }
        for written in ["en", "EN-us", "fr, en;q=0.5", "ja;q=0.5,en"] {
            assert_eq!(asked(written), Language::English, "{written}");
        }
        assert_eq!(Language::asked(&HeaderMap::new()), Language::Japanese);
    }
}
