//! Variable-length integers (LEB128) and strings of the cold section: encoder and decoder.

/// Appends a number, seven bits a byte, low bits first.
pub fn write(bytes: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// Appends a string behind its length in bytes.
pub fn write_text(bytes: &mut Vec<u8>, text: &str) {
    write(bytes, crate::int::length(text.len()));
    bytes.extend_from_slice(text.as_bytes());
}

/// Takes values off the front of a byte slice; `None` where it ends early or is malformed.
#[derive(Clone, Debug)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next byte.
    #[inline]
    pub fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    /// The next number. Most take one byte, and most others two or three.
    #[inline]
    pub fn number(&mut self) -> Option<u64> {
        match *self.0 {
            [one, ref rest @ ..] if one < 0x80 => {
                self.0 = rest;
                Some(u64::from(one))
            }
            [one, two, ref rest @ ..] if two < 0x80 => {
                self.0 = rest;
                Some(u64::from(one & 0x7f) | u64::from(two) << 7)
            }
            [one, two, three, ref rest @ ..] if three < 0x80 => {
                self.0 = rest;
                Some(u64::from(one & 0x7f) | u64::from(two & 0x7f) << 7 | u64::from(three) << 14)
            }
            _ => {
                let (value, rest) = long_number(self.0)?;
                self.0 = rest;
                Some(value)
            }
        }
    }

    /// The next number, if it is an ordinal.
    #[inline]
    pub fn ordinal(&mut self) -> Option<u32> {
        self.number().and_then(|value| u32::try_from(value).ok())
    }

    /// The next number, if it fits a byte.
    #[inline]
    pub fn small(&mut self) -> Option<u8> {
        self.number().and_then(|value| u8::try_from(value).ok())
    }

    /// The next bytes behind their number.
    #[inline]
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// The next string.
    #[inline]
    pub fn text(&mut self) -> Option<&'a str> {
        str::from_utf8(self.bytes()?).ok()
    }
}

/// The number at the front, and what is behind it. It is given the bytes and not the reader, so that
/// readers can stay in registers.
#[cold]
fn long_number(mut bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for shift in (0..=63).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        bytes = rest;
        let low = u64::from(byte & 0x7f);
        if shift == 63 && low > 1 {
            return None;
        }
        value |= low << shift;
        if byte & 0x80 == 0 {
            return Some((value, bytes));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_come_back() {
        let mut bytes = Vec::new();
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        for number in numbers {
            write(&mut bytes, number);
        }
        write_text(&mut bytes, "調剤");
        let mut reader = Reader(&bytes);
        for number in numbers {
            assert_eq!(reader.number(), Some(number));
        }
        assert_eq!(reader.text(), Some("調剤"));
        assert_eq!(reader.number(), None);
    }

    #[test]
    fn what_ends_early_or_overflows_is_nothing() {
        assert_eq!(Reader(&[0x80]).number(), None);
        assert_eq!(Reader(&[0xff; 9]).number(), None);
        assert_eq!(
            Reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).number(),
            None
        );
        assert_eq!(Reader(&[5, b'a']).text(), None);
        assert_eq!(Reader(&[1, 0xff]).text(), None);
    }
}
