//! The lines of a batch, however its bytes are cut into pieces.

use std::ops::Range;

/// A chunk is answered when it has this many lines or bytes.
const CHUNK_LINES: usize = 64;
const CHUNK_BYTES: usize = 64 * 1024;

/// Gathers bytes into chunks of lines. Holds at most a chunk, a piece and a line.
#[derive(Debug)]
pub(super) struct Lines {
    line_bytes_max: usize,
    chunk: Chunk,
    /// Where the line begins, behind the whole lines, whose end has not come.
    begun: usize,
    /// Whether that line is too long already, and the rest of it is dropped.
    is_too_long: bool,
    /// Whether anything of that line has come.
    is_begun: bool,
}

/// Whole lines.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    text: Vec<u8>,
    /// Where in the text each line is; `None` for one that was too long.
    lines: Vec<Option<Range<usize>>>,
}

/// A line without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'c> {
    /// Its bytes.
    Whole(&'c [u8]),
    /// It was longer than the limit.
    TooLong,
}

impl Lines {
    pub(super) fn new(line_bytes_max: usize) -> Self {
        let chunk = Chunk::default();
        Self { line_bytes_max, chunk, begun: 0, is_too_long: false, is_begun: false }
    }

    /// Adds the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(last) => {
                    self.extend(last);
                    self.end_line();
                }
                None => self.extend(piece),
            }
        }
    }

    /// Ends the last line, which needs no line end.
    pub(super) fn finish(&mut self) {
        if self.is_begun {
            self.end_line();
        }
    }

    /// Whether there is no whole line.
    pub(super) fn is_empty(&self) -> bool {
        self.chunk.lines.is_empty()
    }

    /// Whether there are as many lines as are answered at once.
    pub(super) fn is_full(&self) -> bool {
        self.chunk.lines.len() >= CHUNK_LINES
            || (self.begun >= CHUNK_BYTES && !self.chunk.lines.is_empty())
    }

    /// Takes the whole lines.
    pub(super) fn take(&mut self) -> Chunk {
        let begun = self.chunk.text.split_off(self.begun);
        self.begun = 0;
        std::mem::replace(&mut self.chunk, Chunk { text: begun, lines: Vec::new() })
    }

    fn extend(&mut self, bytes: &[u8]) {
        self.is_begun = true;
        if self.is_too_long {
            return;
        }
        let length = self.chunk.text.len() - self.begun;
        if length.saturating_add(bytes.len()) > self.line_bytes_max {
            self.is_too_long = true;
            self.chunk.text.truncate(self.begun);
            return;
        }
        self.chunk.text.extend_from_slice(bytes);
    }

    fn end_line(&mut self) {
        let end = self.chunk.text.len();
        let is_whole = !std::mem::take(&mut self.is_too_long);
        self.chunk.lines.push(is_whole.then_some(self.begun..end));
        self.begun = end;
        self.is_begun = false;
    }
}

impl Chunk {
    /// The lines, in order.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.lines.iter().map(|line| match line {
            Some(range) => Line::Whole(self.text.get(range.clone()).unwrap_or_default()),
            None => Line::TooLong,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 4;

    /// The lines of a text that comes in pieces of `size` bytes, taken after every piece.
    fn lines(text: &str, size: usize) -> Vec<Option<String>> {
        let mut lines = Lines::new(MAX);
        let mut found = Vec::new();
        let mut take = |lines: &mut Lines| {
            found.extend(lines.take().lines().map(|line| match line {
                Line::Whole(text) => Some(String::from_utf8(text.to_vec()).unwrap()),
                Line::TooLong => None,
            }));
        };
        for piece in text.as_bytes().chunks(size) {
            lines.push(piece);
            take(&mut lines);
        }
        lines.finish();
        take(&mut lines);
        found
    }

    #[test]
    fn lines_are_the_same_however_they_come() {
        let text = "a\n\nabcd\nabcde\r\nabcdefghijkl\n xy";
        let expected: Vec<Option<String>> =
            [Some("a"), Some(""), Some("abcd"), None, None, Some(" xy")]
                .map(|line| line.map(str::to_owned))
                .into();
        for size in 1..=text.len() {
            assert_eq!(lines(text, size), expected, "pieces of {size}");
        }
    }

    #[test]
    fn a_last_line_end_begins_no_line() {
        assert_eq!(lines("a\n", 1).len(), 1);
        assert_eq!(lines("", 1).len(), 0);
        assert_eq!(lines("abcdefg", 1), [None]);
    }

    #[test]
    fn a_chunk_is_full_by_lines_or_bytes() {
        let mut by_lines = Lines::new(MAX);
        by_lines.push("\n".repeat(CHUNK_LINES - 1).as_bytes());
        assert!(!by_lines.is_full() && !by_lines.is_empty());
        by_lines.push(b"\n");
        assert!(by_lines.is_full());
        let mut by_bytes = Lines::new(CHUNK_BYTES);
        by_bytes.push(&vec![b'x'; CHUNK_BYTES]);
        assert!(!by_bytes.is_full(), "a line that has not ended cannot be answered");
        by_bytes.push(b"\n");
        assert!(by_bytes.is_full());
    }
}
