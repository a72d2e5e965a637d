//! What a case expects, held against an answer.

use serde_json::Value;

/// `Ok` when the answer has all that is expected; otherwise where it has not.
pub(super) fn matches(expected: &Value, answer: Option<&Value>, at: &str) -> Result<(), String> {
    match (expected, answer) {
        (Value::String(word), None) if word == "<absent>" => Ok(()),
        (Value::String(word), Some(Value::Null)) if word == "<null>" => Ok(()),
        (_, None) => Err(format!("{at} is missing")),
        (Value::Object(fields), Some(told @ Value::Object(_))) => {
            let mut fields = fields.iter();
            fields.try_for_each(|(name, value)| {
                matches(value, told.get(name), &format!("{at}.{name}"))
            })
        }
        (Value::Number(count), Some(Value::Array(list))) => {
            let found = u64::try_from(list.len()).ok();
            if count.as_u64() == found {
                return Ok(());
            }
            Err(format!("{at} has {} entries instead of {count}: {list:?}", list.len()))
        }
        (Value::Array(expected), Some(Value::Array(list))) => {
            if expected.len() != list.len() {
                let list = Value::Array(list.clone());
                return Err(format!("{at} should have {} entries: {list}", expected.len()));
            }
            let mut pairs = expected.iter().zip(list).enumerate();
            pairs.try_for_each(|(index, (expected, told))| {
                matches(expected, Some(told), &format!("{at}[{index}]"))
            })
        }
        (expected, Some(told)) if expected == told => Ok(()),
        (expected, Some(told)) => Err(format!("{at} is {told}, expected {expected}")),
    }
}

#[cfg(test)]
mod tests;
