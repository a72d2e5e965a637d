//! Prescriptions cut to what a dispensing in another file needs of them, so that those of a whole export
//! fit into memory.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The number of a prescription and who issued it, each as it was written.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Brief<'t> {
    #[serde(borrow)]
    resource_type: &'t RawValue,
    #[serde(borrow)]
    id: &'t RawValue,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    identifier: Option<&'t RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    group_identifier: Option<&'t RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    requester: Option<&'t RawValue>,
    /// The requester may be in it.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    contained: Option<&'t RawValue>,
}

/// The `MedicationRequest`s of NDJSON, or a single one, as NDJSON of what dispensings use of them: type, id,
/// numbers and requester. What is no such resource is left out: the file itself is read as orders, and
/// reports it.
pub fn brief_prescriptions(text: &str) -> String {
    let mut brief = String::new();
    if push(text, &mut brief) {
        return brief;
    }
    for line in text.lines() {
        push(line, &mut brief);
    }
    brief
}

fn push(text: &str, brief: &mut String) -> bool {
    let Ok(found) = serde_json::from_str::<Brief<'_>>(text) else { return false };
    let is_prescription = found.resource_type.get() == r#""MedicationRequest""#;
    let line = is_prescription.then(|| serde_json::to_string(&found).ok()).flatten();
    if let Some(line) = &line {
        // A resource over several lines has its line ends in what was cut out of it.
        brief.extend(line.chars().filter(|character| !matches!(character, '\n' | '\r')));
        brief.push('\n');
    }
    line.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_dispensing_uses_is_kept() {
        let text = "{\"resourceType\":\"MedicationRequest\",\"id\":\"1\",\"status\":\"active\",\
                    \"identifier\":[{\"value\":\"R1\"}],\"note\":[{\"text\":\"見本\"}]}\n\
                    {\"resourceType\":\"Patient\",\"id\":\"1\"}\n{\"resourceType\":\n";
        let brief = brief_prescriptions(text);
        let expected = "{\"resourceType\":\"MedicationRequest\",\"id\":\"1\",\
                        \"identifier\":[{\"value\":\"R1\"}]}\n";
        assert_eq!(brief, expected);
        assert_eq!(brief_prescriptions(&brief), brief);
    }

    #[test]
    fn a_resource_over_several_lines_becomes_one() {
        let text = "{\n \"resourceType\": \"MedicationRequest\",\n \"id\": \"1\",\n \
                    \"requester\": {\n  \"reference\": \"Organization/1\"\n }\n}\n";
        let brief = brief_prescriptions(text);
        assert_eq!(brief.lines().count(), 1);
        assert!(brief.contains("Organization/1"), "{brief}");
    }
}
