//! The fenced blocks of a document, and what stands in them.

/// A fenced block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// What stands behind the fence, such as `sh run`.
    pub(crate) info: String,
    pub(crate) text: String,
    /// The line of the fence.
    pub(crate) line: usize,
}

impl Block {
    pub(crate) fn language(&self) -> &str {
        self.info.split(' ').next().unwrap_or_default()
    }

    /// Whether the info string has a mark.
    pub(crate) fn is(&self, mark: &str) -> bool {
        self.info.split(' ').skip(1).any(|word| word == mark)
    }

    pub(crate) fn is_shell(&self) -> bool {
        matches!(self.language(), "sh" | "console")
    }

    /// The commands, and of a console what they print.
    pub(crate) fn commands(&self) -> Vec<(String, Option<String>)> {
        let is_console = self.language() == "console";
        let mut commands: Vec<(String, Option<String>)> = Vec::new();
        let mut is_continued = false;
        for line in self.text.lines() {
            let typed = if is_console { line.strip_prefix("$ ") } else { Some(line) };
            if is_continued && let Some((command, _)) = commands.last_mut() {
                command.push('\n');
                command.push_str(line);
            } else if let Some(typed) = typed {
                if !typed.trim().is_empty() {
                    commands.push((typed.to_owned(), is_console.then(String::new)));
                }
            } else if let Some((_, Some(printed))) = commands.last_mut() {
                printed.push_str(line);
                printed.push('\n');
            }
            is_continued = line.ends_with('\\');
        }
        commands
    }
}

/// Every fenced block of a document.
pub(crate) fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_inside = false;
    for (line, number) in document.lines().zip(1..) {
        if let Some(info) = line.strip_prefix("```") {
            is_inside = !is_inside;
            if is_inside {
                blocks.push(Block { info: info.to_owned(), text: String::new(), line: number });
            }
        } else if is_inside && let Some(block) = blocks.last_mut() {
            block.text.push_str(line);
            block.text.push('\n');
        }
    }
    blocks
}

/// What stands in backticks outside of blocks, line by line.
pub(crate) fn spans(document: &str) -> Vec<String> {
    let mut is_inside = false;
    let mut spans = Vec::new();
    for line in document.lines() {
        is_inside ^= line.starts_with("```");
        if !is_inside && !line.starts_with("```") {
            spans.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    spans
}

/// Whether a text is as a document says: a line `…` stands for any lines, `…` in a line for any text.
pub(crate) fn is_like(expected: &str, told: &str) -> bool {
    let expected: Vec<&str> = expected.lines().map(str::trim_end).collect();
    let told: Vec<&str> = told.lines().map(str::trim_end).collect();
    lines_are_like(&expected, &told)
}

fn lines_are_like(expected: &[&str], told: &[&str]) -> bool {
    match expected.split_first() {
        None => told.is_empty(),
        Some((&"…", rest)) => {
            (0..=told.len()).any(|skipped| lines_are_like(rest, told.get(skipped..).unwrap_or(&[])))
        }
        Some((line, rest)) => told.split_first().is_some_and(|(first, behind)| {
            line_is_like(line, first) && lines_are_like(rest, behind)
        }),
    }
}

fn line_is_like(expected: &str, told: &str) -> bool {
    let Some((before, behind)) = expected.split_once('…') else { return expected == told };
    told.strip_prefix(before).is_some_and(|rest| {
        let starts = rest.char_indices().map(|(start, _)| start).chain([rest.len()]);
        starts.into_iter().any(|start| line_is_like(behind, rest.get(start..).unwrap_or_default()))
    })
}

#[test]
fn a_console_has_commands_and_what_they_print() {
    let document =
        "```console run\n$ a \\\n  b\nx\ny\n$ c\n```\n\n```sh\nd\n\ne\n```\n`f` and `g`\n";
    let found = blocks(document);
    assert_eq!(found.len(), 2);
    assert!(found[0].is("run") && !found[0].is("console") && !found[1].is("run"));
    let printed = |text: &str| Some(text.to_owned());
    assert_eq!(
        found[0].commands(),
        [("a \\\n  b".to_owned(), printed("x\ny\n")), ("c".to_owned(), printed(""))]
    );
    assert_eq!(found[1].commands(), [("d".to_owned(), None), ("e".to_owned(), None)]);
    assert_eq!(spans(document), ["f", "g"]);
}

#[test]
fn dots_stand_for_what_differs() {
    assert!(is_like("a\n…\nb …\n", "a\n1\n2\nb 7 of 9\n"));
    assert!(is_like("…\n", "") && is_like("", ""));
    assert!(!is_like("a\n", "a\nb\n") && !is_like("a\n…\nc\n", "a\nb\n"));
    assert!(!is_like("a … c\n", "a b\n") && is_like("a…", "a"));
}
