//! Names made comparable: the same drug written wide, narrow, with or without spaces and brackets.

use unicode_normalization::UnicodeNormalization;

/// The form in which names are compared (S14): NFKC, upper case, no spaces, no brackets.
pub fn comparable(name: &str) -> String {
    if name.is_ascii() {
        return fold(name.chars());
    }
    fold(name.nfkc())
}

fn fold(characters: impl Iterator<Item = char>) -> String {
    characters
        .filter(|character| !character.is_whitespace() && !is_bracket(*character))
        .flat_map(char::to_uppercase)
        .collect()
}

const fn is_bracket(character: char) -> bool {
    matches!(
        character,
        '(' | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '<'
            | '>'
            | '「'
            | '」'
            | '『'
            | '』'
            | '【'
            | '】'
            | '〔'
            | '〕'
            | '〈'
            | '〉'
            | '《'
            | '》'
    )
}

/// The form in which names are searched: [`comparable`], with hiragana read as katakana.
pub fn searchable(name: &str) -> String {
    comparable(name).chars().map(to_katakana).collect()
}

/// The two kana blocks stand 0x60 apart.
fn to_katakana(character: char) -> char {
    match character {
        'ぁ'..='ゖ' => char::from_u32(u32::from(character) + 0x60).unwrap_or(character),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_spaces_and_brackets_do_not_matter() {
        let written = comparable("アムロジピン錠５ｍｇ「サワイ」");
        assert_eq!(written, comparable("ｱﾑﾛｼﾞﾋﾟﾝ錠 5mg サワイ"));
        assert_ne!(written, comparable("アムロジピン錠２．５ｍｇ「サワイ」"));
    }

    #[test]
    fn hiragana_finds_katakana() {
        assert_eq!(searchable("あむろじぴん"), searchable("アムロジピン"));
    }
}
