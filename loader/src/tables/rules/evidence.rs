//! Where a pair was read, as the tables keep it.

use chofuku_formats::masters::Pair;

use super::super::sources::revision_day;

/// The source as written, with what no other column can hold: that the statement was not read in
/// it, and a date that is no month or day.
pub(super) fn insert(pair: &Pair) -> String {
    let mut insert = pair.source.clone();
    if !pair.source_date.is_empty() && revision_day(&pair.source_date).is_none() {
        insert = format!("{insert} [{}]", pair.source_date);
    }
    if pair.verified == Some(false) {
        insert.push_str(" [unverified]");
    }
    insert.trim_start().to_owned()
}

/// The sections that a source names in parentheses: `(2.1/10.1)` gives `2.1/10.1`.
pub(super) fn sections(source: &str) -> String {
    let mut sections: Vec<&str> = Vec::new();
    for remark in source.split(['(', '（']).skip(1) {
        let remark = remark.split([')', '）']).next().unwrap_or_default();
        for word in remark.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_')) {
            if is_section(word) && !sections.contains(&word) {
                sections.push(word);
            }
        }
    }
    sections.join("/")
}

/// Two or three numbers with dots between them.
fn is_section(word: &str) -> bool {
    let mut parts = 0;
    for part in word.split('.') {
        parts += 1;
        if part.is_empty() || part.len() > 2 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
    }
    (2..=3).contains(&parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_stand_in_parentheses() {
        assert_eq!(sections("https://example.org/d1432/product/17138 (2.1/10.1)"), "2.1/10.1");
        assert_eq!(
            sections("リファジン (2.2, rev 2024-04) | セララ (quotes 2.5/2.6)"),
            "2.2/2.5/2.6"
        );
        assert_eq!(sections("https://example.org/2.1/ (PI 1190023F1024_1_17)"), "");
        assert_eq!(sections("(DSU 327, 2.禁忌)"), "");
    }
}
