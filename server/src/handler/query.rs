//! Query strings: known parameters, each at most once, percent-decoded.

use crate::error::ApiError;

/// The parameters of a query.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query whose parameters are among `known`.
    pub(super) fn parse(text: &str, known: &'static [&'static str]) -> Result<Self, ApiError> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for parameter in text.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let name = decoded(name, true).filter(|name| known.contains(&name.as_str()));
            let Some(name) = name else {
                let allowed = known.iter().map(|name| (*name).to_owned()).collect();
                return Err(ApiError::UnknownField { path: "query".to_owned(), allowed });
            };
            if parameters.iter().any(|(seen, _)| *seen == name) {
                return Err(ApiError::DuplicateField { path: name });
            }
            let Some(value) = decoded(value, true) else {
                return Err(ApiError::value(name, "percent-encoded UTF-8"));
            };
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Percent-decoded text; `None` where the escapes are broken or do not make UTF-8.
pub(super) fn decoded(text: &str, plus_is_space: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next()?)? << 4 | digit(rest.next()?)?,
            b'+' if plus_is_space => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(decoded("%E3%82%A2+b%2B", true).as_deref(), Some("ア b+"));
        assert_eq!(decoded("a+b", false).as_deref(), Some("a+b"));
        for broken in ["%", "%2", "%zz", "%ff", "%+1"] {
            assert_eq!(decoded(broken, true), None, "{broken}");
        }
    }

    #[test]
    fn parameters_are_known_and_single() {
        let query = Query::parse("q=a&&limit=", &["q", "limit"]).unwrap();
        assert_eq!((query.get("q"), query.get("limit")), (Some("a"), Some("")));
        let refused = |text| Query::parse(text, &["q"]).unwrap_err().code();
        assert_eq!(refused("q=1&x=2"), crate::Code::UnknownField);
        assert_eq!(refused("q=1&q=2"), crate::Code::DuplicateField);
        assert_eq!(refused("q=%f"), crate::Code::InvalidValue);
    }
}
