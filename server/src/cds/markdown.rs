//! Texts of tables and requests inside Markdown: they are shown as they are, never read as markup.

/// The text with everything escaped that Markdown, or HTML in it, could take for its own.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '+' | '!' | '|'
            | '~' | '&' => escaped.extend(['\\', character]),
            control if control.is_control() => escaped.push(' '),
            plain => escaped.push(plain),
        }
    }
    escaped
}

/// At most so many characters, the last of them an ellipsis where some are left out.
pub(crate) fn shortened(text: &str, characters_max: usize) -> String {
    if text.chars().count() <= characters_max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(characters_max.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(escaped("<b>*a*_b_|[x](y)\n"), r"\<b\>\*a\*\_b\_\|\[x\](y) ");
        assert_eq!(escaped("アムロジピン錠５ｍｇ「トーワ」"), "アムロジピン錠５ｍｇ「トーワ」");
    }

    #[test]
    fn characters_are_counted() {
        assert_eq!(shortened("重複投薬", 4), "重複投薬");
        assert_eq!(shortened("重複投薬等", 4), "重複投…");
    }
}
