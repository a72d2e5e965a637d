//! The text of one cell or section as blocks: one a `Detail`, with the depth of its list.

/// One paragraph (`Detail`, `Header`) of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// How many lists it stands in; 0 for a paragraph of the cell itself.
    pub(crate) level: usize,
    /// The text; `\n` only where the document says `<?enter?>`.
    pub(crate) text: String,
}

/// Blocks while they are gathered.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    blocks: Vec<Block>,
    open: Block,
    level: usize,
    /// Whether the next text begins a block of its own.
    fresh: bool,
}

impl Flow {
    pub(super) fn new() -> Self {
        Self { fresh: true, ..Self::default() }
    }

    /// Begins a block with the next text.
    pub(super) fn part(&mut self) {
        self.fresh = true;
    }

    pub(super) fn enter_list(&mut self) {
        self.level += 1;
        self.fresh = true;
    }

    pub(super) fn leave_list(&mut self) {
        self.level = self.level.saturating_sub(1);
        self.fresh = true;
    }

    /// Appends running text: white space and line ends of the file are one blank.
    pub(super) fn text(&mut self, text: &str) {
        let blank = |c: char| c.is_ascii_whitespace();
        if text.chars().all(blank) && self.fresh {
            return;
        }
        let target = self.target();
        for (number, word) in text.split(blank).enumerate() {
            if number > 0 && !target.is_empty() && !target.ends_with([' ', '\n']) {
                target.push(' ');
            }
            target.push_str(word);
        }
    }

    /// Appends a line break that the document asks for.
    pub(super) fn line_break(&mut self) {
        self.target().push('\n');
    }

    /// The blocks that hold more than blanks and separators of what was left out.
    pub(super) fn finish(self) -> Vec<Block> {
        let mut blocks = self.blocks;
        blocks.push(self.open);
        for block in &mut blocks {
            block.text = tidy(&block.text);
        }
        blocks.retain(|block| !block.text.is_empty());
        blocks
    }

    fn target(&mut self) -> &mut String {
        if self.fresh {
            self.fresh = false;
            let block = Block { level: self.level, text: String::new() };
            self.blocks.push(std::mem::replace(&mut self.open, block));
        }
        &mut self.open.text
    }
}

/// The text of blocks as a person would copy it, one line a line.
pub(crate) fn plain(blocks: &[Block]) -> String {
    let lines: Vec<&str> = blocks.iter().map(|block| block.text.as_str()).collect();
    lines.join("\n")
}

/// Lines without surrounding blanks, and without those that hold only commas: what stays of a list
/// of references to other sections.
fn tidy(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let line = line.trim();
        let empty = line.chars().all(|c| c == ',' || c == '、' || c == '，' || c == ' ');
        if empty { "" } else { line }
    });
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
