//! Rows of a chunk without quotes: a row is a line, and a field is what stands between commas.
//!
//! A reader of CSV asks at every byte what it means here, which costs a row of a history more than
//! all its values do. Most exports have no quote at all, and then two bytes are all that has a
//! meaning. What the csv crate would read of such a chunk is what is read here, lines included; it
//! reads every other chunk.

use super::FIELDS;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The rows of a chunk.
#[derive(Debug)]
pub(super) struct PlainRows<'c> {
    pub(super) text: &'c str,
    /// Where the next row begins, and the lines before it.
    start: usize,
    lines: u64,
}

/// Where the fields of a row stand.
#[derive(Debug)]
pub(super) struct Fields {
    start: usize,
    /// Where each ends; the next one begins a byte behind.
    ends: Vec<usize>,
    /// The lines of the chunk before the row, and before any blank lines in front of it.
    pub(super) lines_before: u64,
}

impl Fields {
    pub(super) fn new() -> Self {
        Self { start: 0, ends: Vec::with_capacity(FIELDS), lines_before: 0 }
    }

    /// How many fields there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of all fields and the commas between them.
    pub(super) fn bytes(&self) -> usize {
        self.ends.last().map_or(0, |end| end - self.start)
    }

    /// The first fields of a row of `text`, with the commas between them; all that are there.
    #[inline]
    pub(super) fn first<'c>(&self, text: &'c str, count: usize) -> Option<&'c str> {
        let last = count.checked_sub(1)?;
        text.get(self.start..*self.ends.get(last)?)
    }

    /// A field of a row of `text`.
    #[inline]
    pub(super) fn of<'c>(&self, text: &'c str, field: usize) -> Option<&'c str> {
        let start = match field.checked_sub(1) {
            None => self.start,
            Some(before) => self.ends.get(before)? + 1,
        };
        text.get(start..*self.ends.get(field)?)
    }
}

impl<'c> PlainRows<'c> {
    /// The rows of a chunk, unless it has a quote, a carriage return or bytes that are no UTF-8.
    pub(super) fn of(chunk: &'c [u8]) -> Option<Self> {
        let bytes = chunk.strip_prefix(BYTE_ORDER_MARK).unwrap_or(chunk);
        if memchr::memchr2(b'"', b'\r', bytes).is_some() {
            return None;
        }
        // Names are Japanese, of which the standard library checks one character after the other.
        let text = simdutf8::basic::from_utf8(bytes).ok()?;
        Some(Self { text, start: 0, lines: 0 })
    }

    /// Finds the next row; `false` behind the last one. Blank lines are none.
    pub(super) fn read(&mut self, fields: &mut Fields) -> bool {
        let bytes = self.text.as_bytes();
        fields.ends.clear();
        fields.lines_before = self.lines;
        // Fields are so short that looking at each byte is faster than searching for the next comma.
        for (position, byte) in bytes.iter().enumerate().skip(self.start) {
            match byte {
                b',' => fields.ends.push(position),
                b'\n' => {
                    let start = std::mem::replace(&mut self.start, position + 1);
                    self.lines += 1;
                    if start != position {
                        fields.start = start;
                        fields.ends.push(position);
                        return true;
                    }
                }
                _ => {}
            }
        }
        fields.start = std::mem::replace(&mut self.start, bytes.len());
        fields.ends.push(bytes.len());
        fields.start != bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as the csv crate reads them, each with the lines before it.
    fn of_the_crate(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut reader = super::super::records(bytes);
        let mut record = csv::ByteRecord::new();
        let mut rows = Vec::new();
        while reader.read_byte_record(&mut record).unwrap() {
            let fields = record.iter().map(|field| String::from_utf8(field.to_vec()).unwrap());
            rows.push((record.position().unwrap().line() - 1, fields.collect()));
        }
        rows
    }

    fn of_plain(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut plain = PlainRows::of(bytes).unwrap();
        let mut fields = Fields::new();
        let mut rows = Vec::new();
        while plain.read(&mut fields) {
            let texts = (0..fields.len()).map(|field| fields.of(plain.text, field).unwrap());
            rows.push((fields.lines_before, texts.map(str::to_owned).collect()));
        }
        assert!(!plain.read(&mut fields), "nothing follows the end");
        rows
    }

    #[test]
    fn rows_are_those_of_the_csv_crate() {
        for text in [
            "",
            "\n",
            "\n\n\n",
            "a",
            "a\n",
            ",\n",
            "\n,",
            "a,b\nc,d",
            "a,b\nc,d\n",
            "\n\na,,b,\n\n\n,,\nc\n\n",
            "\u{feff}a,薬\n\u{feff}b\n",
            "\u{feff}",
            " a , b \n\t\n",
        ] {
            assert_eq!(of_plain(text.as_bytes()), of_the_crate(text.as_bytes()), "{text:?}");
        }
        // Every text of up to seven of these characters.
        let letters = ['a', ',', '\n', '薬'];
        for number in 0..letters.len().pow(7) {
            let digits = (0..7).map(|place| number / letters.len().pow(place) % letters.len());
            let text: String = digits.map(|digit| letters[digit]).collect();
            for length in [7, 6] {
                let text: String = text.chars().take(length).collect();
                assert_eq!(of_plain(text.as_bytes()), of_the_crate(text.as_bytes()), "{text:?}");
            }
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_crate() {
        for bytes in [&b"a,\"b\"\n"[..], b"a\r\nb", b"a\rb", b"a,\xff"] {
            assert!(PlainRows::of(bytes).is_none());
        }
    }
}
