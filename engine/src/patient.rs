//! A patient's identity, reduced to a keyed hash at the border: nothing else is ever stored.

use std::borrow::Cow;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The first 128 bits of `HMAC-SHA-256(key, canonical identity)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PatientKey(u128);

impl PatientKey {
    /// The key as a number; patients are stored in this order.
    pub const fn number(self) -> u128 {
        self.0
    }

    /// The key of that number.
    pub const fn from_number(number: u128) -> Self {
        Self(number)
    }
}

impl fmt::Debug for PatientKey {
    /// A pseudonym is still personal data: it is not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PatientKey(…)")
    }
}

/// How a caller names a patient.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Identity<'a> {
    /// An insured identity (被保険者番号等).
    Insured {
        /// Insurer number (保険者番号), 6 or 8 digits.
        insurer: &'a str,
        /// Symbol (記号); may be empty.
        symbol: &'a str,
        /// Number (番号).
        number: &'a str,
        /// Branch (枝番), 2 digits; empty only where the scheme has none.
        branch: &'a str,
    },
    /// An opaque id of the caller's.
    Opaque(&'a str),
}

impl fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// Why an identity does not name one patient. Carries no part of the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The insurer number is not 1 to 8 digits.
    #[error("the insurer number (保険者番号) must be up to 8 digits")]
    Insurer,
    /// The number is empty.
    #[error("the number (番号) of the insured identity is missing")]
    Number,
    /// Without a branch two members of one family would be mixed.
    #[error(
        "the branch (枝番) is missing; it may be left out only for insurers of the late-elderly \
         scheme (39…) and medical assistance (12…)"
    )]
    BranchRequired,
    /// The branch is not one or two digits.
    #[error("the branch (枝番) must be two digits")]
    Branch,
    /// The opaque id is empty.
    #[error("the patient id is empty")]
    Opaque,
    /// A part is longer than 64 characters.
    #[error("a part of the identity is longer than 64 characters")]
    TooLong,
}

/// The secret under which identities are hashed. It lives outside the data it protects.
#[derive(Clone)]
pub struct IdentityKey(Hmac<Sha256>);

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityKey(…)")
    }
}

const PART_CHARACTERS_MAX: usize = 64;

impl IdentityKey {
    /// The key made of 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"))
    }

    /// A fingerprint of the secret and of the way in which identities are reduced, by which a
    /// history knows the key that it was made with. Whoever changes `canonical` changes the text.
    pub fn fingerprint(&self) -> [u8; 8] {
        let mut mac = self.0.clone();
        mac.update(b"chofuku identity 2");
        let tag: [u8; 32] = mac.finalize().into_bytes().into();
        *tag.first_chunk().expect("a tag has 32 bytes")
    }

    /// A name for content that may hold an identity: the same for the same content under this key, and
    /// of no help to anybody who has not the key and guesses what the content may be.
    pub fn content_name(&self, digest: &[u8; 32]) -> u128 {
        let mut mac = self.0.clone();
        // No identity begins with this text, so a name of content is never that of a patient.
        mac.update(b"chofuku content 1");
        mac.update(digest);
        high_half(mac)
    }

    /// Reads the secret from the 64 hexadecimal digits of a key file.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.trim_end_matches('\n').as_bytes();
        let mut secret = [0; 32];
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in secret.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = str::from_utf8(pair).ok()?;
            let is_hex = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
            *byte = u8::from_str_radix(pair, 16).ok().filter(|_| is_hex)?;
        }
        Some(Self::new(&secret))
    }

    /// Reduces an identity to the key under which the patient's history is kept.
    ///
    /// # Errors
    ///
    /// When the identity could name more than one person, or nobody.
    pub fn patient(&self, identity: Identity<'_>) -> Result<PatientKey, IdentityError> {
        let canonical = canonical(identity)?;
        let mut mac = self.0.clone();
        mac.update(canonical.as_bytes());
        Ok(PatientKey(high_half(mac)))
    }
}

/// The first 128 bits of a tag.
fn high_half(mac: Hmac<Sha256>) -> u128 {
    let tag: [u8; 32] = mac.finalize().into_bytes().into();
    tag.iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

/// One text for each person: width and zero padding never make a second patient.
///
/// The unit separator cannot occur in a part, so no two identities share a text.
fn canonical(identity: Identity<'_>) -> Result<String, IdentityError> {
    match identity {
        Identity::Opaque(id) => {
            let id = part(id)?;
            if id.is_empty() {
                return Err(IdentityError::Opaque);
            }
            Ok(format!("opaque\u{1f}{id}"))
        }
        Identity::Insured { insurer, symbol, number, branch } => {
            let insurer = digits(insurer, 8).ok_or(IdentityError::Insurer)?;
            let number = unpadded(with_one_dash(part(number)?));
            if number.is_empty() {
                return Err(IdentityError::Number);
            }
            let branch = part(branch)?;
            let branch = branch_of(&insurer, &branch)?;
            let symbol = unpadded(with_one_dash(part(symbol)?));
            Ok(["insured", &insurer, &symbol, &number, &branch].join("\u{1f}"))
        }
    }
}

/// The late-elderly scheme (法別番号 39) and medical assistance (12) number each person: there a
/// branch says nothing, and one system writes it where another does not.
fn branch_of<'t>(insurer: &str, branch: &'t str) -> Result<Cow<'t, str>, IdentityError> {
    let numbers_each_person = insurer.starts_with("39") || insurer.starts_with("12");
    if branch.is_empty() && !numbers_each_person {
        return Err(IdentityError::BranchRequired);
    }
    if branch.is_empty() {
        return Ok(Cow::Borrowed(""));
    }
    let branch = digits(branch, 2).ok_or(IdentityError::Branch)?;
    Ok(if numbers_each_person { Cow::Borrowed("") } else { branch })
}

/// A part in NFKC, without blanks. Most parts are so already, and are not copied.
fn part(text: &str) -> Result<Cow<'_, str>, IdentityError> {
    if text.len() > PART_CHARACTERS_MAX && text.chars().nth(PART_CHARACTERS_MAX).is_some() {
        return Err(IdentityError::TooLong);
    }
    // ASCII is its own NFKC; blanks and controls are what of it is not graphic.
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Cow::Borrowed(text));
    }
    let kept = |character: &char| !character.is_whitespace() && !character.is_control();
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes && text.chars().all(|it| kept(&it)) {
        return Ok(Cow::Borrowed(text));
    }
    Ok(Cow::Owned(text.nfkc().filter(kept).collect()))
}

/// What is written as a dash, as the ASCII one, and wave dashes as the tilde. The one full-width dash of a
/// card is another character in each table between Shift JIS and Unicode (U+2212, U+FF0D, U+2015), and a
/// person types whatever looks like it: none of that makes a second patient.
fn with_one_dash(text: Cow<'_, str>) -> Cow<'_, str> {
    let one = |character| match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{30fc}' => '-',
        '\u{301c}' => '~',
        other => other,
    };
    if text.is_ascii() { text } else { Cow::Owned(text.chars().map(one).collect()) }
}

/// Digits, padded on the left with zeros to `width`.
fn digits(text: &str, width: usize) -> Option<Cow<'_, str>> {
    let text = part(text).ok()?;
    let fits = !text.is_empty() && text.len() <= width;
    if !fits || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(if text.len() == width { text } else { Cow::Owned(format!("{text:0>width$}")) })
}

/// A number as its issuer counts it: without the zeros that some systems put in front.
fn unpadded(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text;
    }
    let zeros = text.bytes().take_while(|byte| *byte == b'0').count();
    // Of nothing but zeros, one stays.
    let zeros = zeros.min(text.len() - 1);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(zeros..).unwrap_or_default()),
        Cow::Owned(mut text) => {
            text.drain(..zeros);
            Cow::Owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(insurer: &str, symbol: &str, number: &str, branch: &str) -> Result<u128, IdentityError> {
        IdentityKey::new(&[7; 32])
            .patient(Identity::Insured { insurer, symbol, number, branch })
            .map(PatientKey::number)
    }

    #[test]
    fn width_and_padding_name_the_same_person() {
        let one = key("06130012", "12", "3456", "01").unwrap();
        assert_eq!(one, key("０６１３００１２", "１２", "0003456", "1").unwrap());
        assert_eq!(key("138057", "", "9", "02"), key("00138057", "", "9", "02"));
    }

    #[test]
    fn dashes_that_look_alike_name_the_same_person() {
        let one = key("06130012", "1-2", "3-4", "01").unwrap();
        for dash in "－‐‑‒–—―−─ー﹣ｰ".chars() {
            let [symbol, number] = ["1-2", "3-4"].map(|part| part.replace('-', &dash.to_string()));
            assert_eq!(one, key("06130012", &symbol, &number, "01").unwrap(), "{dash:?}");
        }
        assert_eq!(key("06130012", "東〜1", "3", "01"), key("06130012", "東～１", "3", "01"));
        assert_ne!(one, key("06130012", "12", "34", "01").unwrap());
    }

    #[test]
    fn content_has_one_name_under_one_key() {
        let (one, other) = (IdentityKey::new(&[7; 32]), IdentityKey::new(&[8; 32]));
        assert_eq!(one.content_name(&[1; 32]), one.content_name(&[1; 32]));
        assert_ne!(one.content_name(&[1; 32]), one.content_name(&[2; 32]));
        assert_ne!(one.content_name(&[1; 32]), other.content_name(&[1; 32]));
    }

    #[test]
    fn members_of_one_family_are_never_mixed() {
        assert_ne!(key("06130012", "12", "3456", "01"), key("06130012", "12", "3456", "02"));
        assert_ne!(key("06130012", "1", "23456", "01"), key("06130012", "12", "3456", "01"));
        assert_eq!(key("06130012", "12", "3456", ""), Err(IdentityError::BranchRequired));
        assert_eq!(key("120014", "", "1", ""), Err(IdentityError::BranchRequired));
        assert!(key("39131234", "", "12345678", "").is_ok());
        assert!(key("12131234", "", "1234567", "").is_ok());
    }

    #[test]
    fn a_branch_that_says_nothing_makes_no_second_patient() {
        for insurer in ["39131234", "12131234"] {
            let without = key(insurer, "", "12345678", "").unwrap();
            assert_eq!(key(insurer, "", "12345678", "00").unwrap(), without);
            assert_eq!(key(insurer, "", "12345678", "1").unwrap(), without);
            assert_eq!(key(insurer, "", "12345678", "x"), Err(IdentityError::Branch));
        }
    }

    #[test]
    fn what_names_nobody_is_refused() {
        assert_eq!(key("", "1", "1", "01"), Err(IdentityError::Insurer));
        assert_eq!(key("061300123", "1", "1", "01"), Err(IdentityError::Insurer));
        assert_eq!(key("06130012", "1", " ", "01"), Err(IdentityError::Number));
        assert_eq!(key("06130012", "1", "1", "x"), Err(IdentityError::Branch));
        assert_eq!(key("06130012", &"1".repeat(65), "1", "1"), Err(IdentityError::TooLong));
        let opaque = IdentityKey::new(&[7; 32]).patient(Identity::Opaque(" "));
        assert_eq!(opaque, Err(IdentityError::Opaque));
    }

    #[test]
    fn another_secret_gives_another_key() {
        let opaque = Identity::Opaque("p-1");
        let one = IdentityKey::new(&[1; 32]).patient(opaque).unwrap();
        assert_ne!(one, IdentityKey::new(&[2; 32]).patient(opaque).unwrap());
    }
}
