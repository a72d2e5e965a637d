//! What no compiler checks: the edges between crates, where `unsafe` and bincode may stand, what
//! must not be in the tree, and that the documents name only what is there.
//!
//! Every check is a function from text to faults, so that each is tested on a fault as well.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Folders that tools leave behind: what is in them differs from one machine to the next.
const LEFT_BEHIND: [&str; 3] = ["target", ".git", "node_modules"];

/// Which crates of the workspace a crate may depend on. Benches and tests may see everything.
const EDGES: [(&str, &[&str]); 9] = [
    ("chofuku-engine", &[]),
    ("chofuku-formats", &["chofuku-engine"]),
    ("chofuku-loader", &["chofuku-engine", "chofuku-formats"]),
    // Its own tests use its memory log.
    ("chofuku-log", &["chofuku-log"]),
    ("chofuku-live", &["chofuku-engine", "chofuku-loader", "chofuku-log"]),
    ("chofuku-server", &["chofuku-engine", "chofuku-formats", "chofuku-loader", "chofuku-live"]),
    // Whoever uses it needs nothing of the engine.
    ("chofuku-client", &[]),
    ("chofuku-datasets", &[]),
    (
        "chofuku",
        &[
            "chofuku-engine",
            "chofuku-formats",
            "chofuku-loader",
            "chofuku-log",
            "chofuku-live",
            "chofuku-server",
            "chofuku-datasets",
        ],
    ),
];
const SEE_EVERYTHING: [&str; 2] = ["chofuku-benches", "chofuku-tests"];
/// The engine is pure: no async, no network, no JSON, no command line.
const NOT_IN_ENGINE: [&str; 4] = ["tokio", "hyper", "serde_json", "clap"];
/// Words of the code that may stand in one file only.
const HOMES: [(&str, &str); 2] =
    [("unsafe", "engine/src/map.rs"), ("bincode", "engine/src/format/codec.rs")];
/// What makes a test or a function only seem to be there.
const PRETENDING: [&str; 4] = ["#[ignore", "todo!", "unimplemented!", "should_panic"];
const CODE_LINES_MAX: usize = 500;
/// Where people keep their files on their own machines.
const HOME_FOLDERS: [&str; 3] = ["/home/", "/Users/", "/root/"];
/// Data may hold anything; these are written by people.
const WRITTEN: [&str; 15] = [
    "rs", "md", "toml", "sh", "yml", "yaml", "json", "html", "css", "js", "mjs", "svg", "service",
    "sysusers", "",
];

#[test]
fn crates_depend_one_way() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    none(&wrong_edges(&metadata));
}

#[test]
fn words_stand_in_their_one_file() {
    let faults = rust_files().flat_map(|file| strayed_words(&file.path, &code_of(&file.text)));
    none(&faults.collect::<Vec<_>>());
}

#[test]
fn every_file_says_what_it_is() {
    let files = rust_files().filter(|file| !says_what_it_is(&file.path, &file.text));
    none(&files.map(|file| format!("{}: does not begin with //!", file.path)).collect::<Vec<_>>());
}

#[test]
fn every_script_and_style_says_what_it_is() {
    let written = files().into_iter().filter(|file| {
        let ours = !file.path.contains("/vendor/") && !file.path.starts_with("docs/");
        ours && matches!(extension(&file.path), "js" | "mjs" | "css")
    });
    let (said, silent): (Vec<_>, Vec<_>) =
        written.partition(|file| file.text.starts_with("// ") || file.text.starts_with("/* "));
    assert!(said.len() > 20, "only {} scripts found", said.len());
    none(
        &silent
            .iter()
            .map(|file| format!("{}: does not begin with a comment", file.path))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn no_file_is_too_long() {
    let faults = rust_files().filter_map(|file| {
        let lines = code_lines(&file.text);
        let fault = format!("{}: {lines} lines of code, at most {CODE_LINES_MAX}", file.path);
        (lines > CODE_LINES_MAX).then_some(fault)
    });
    none(&faults.collect::<Vec<_>>());
}

#[test]
fn nothing_only_seems_to_be_there() {
    let faults = rust_files().flat_map(|file| {
        let faults = pretences(&code_of(&file.text)).into_iter();
        faults.map(move |(line, what)| format!("{}:{line}: {what}", file.path))
    });
    none(&faults.collect::<Vec<_>>());
}

#[test]
fn documents_name_only_what_is_there() {
    let root = root();
    let documents = files().into_iter().filter(|file| {
        let in_docs = file.path.starts_with("docs/") && extension(&file.path) == "md";
        in_docs || matches!(file.path.as_str(), "ARCHITECTURE.md" | "README.md" | "README.ja.md")
    });
    let faults = documents.flat_map(|file| {
        let is_folder = |folder: &str| !LEFT_BEHIND.contains(&folder) && root.join(folder).is_dir();
        let missing = named_paths(&file.text, is_folder);
        let missing: Vec<_> =
            missing.into_iter().filter(|path| !root.join(path).exists()).collect();
        missing.into_iter().map(move |path| format!("{}: there is no {path}", file.path))
    });
    none(&faults.collect::<Vec<_>>());
}

#[test]
fn no_file_knows_a_machine() {
    let faults = files().into_iter().flat_map(|file| {
        let lines = file.text.lines().zip(1..);
        let named = lines.filter(|(line, _)| names_a_home(line));
        let path = file.path.clone();
        named
            .map(|(_, line)| format!("{path}:{line}: a path of somebody's machine"))
            .collect::<Vec<_>>()
    });
    none(&faults.collect::<Vec<_>>());
}

#[test]
fn every_cited_rule_is_written_down() {
    let semantics = read(&root().join("docs/semantics.md")).expect("the rules are there");
    let written = rules_in(&semantics);
    assert_eq!(written, (1..=30).collect(), "docs/semantics.md has the rules S1 to S30");
    let faults = rust_files().flat_map(|file| {
        let unknown: Vec<_> =
            rules_in(&without_texts(&file.text)).difference(&written).copied().collect();
        unknown.into_iter().map(move |rule| format!("{}: there is no rule S{rule}", file.path))
    });
    none(&faults.collect::<Vec<_>>());
}

// --- the tree ------------------------------------------------------------------------------------

struct SourceFile {
    /// From the root of the repository, with `/`.
    path: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lies in the root").to_owned()
}

/// Every file that people write, without what tools leave behind.
fn files() -> Vec<SourceFile> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files);
    assert!(files.len() > 50, "only {} files found", files.len());
    files
}

fn rust_files() -> impl Iterator<Item = SourceFile> {
    files().into_iter().filter(|file| extension(&file.path) == "rs")
}

fn collect(directory: &Path, prefix: &str, files: &mut Vec<SourceFile>) {
    let entries = fs::read_dir(directory).expect("a folder can be read");
    for entry in entries {
        let entry = entry.expect("a folder can be read");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().expect("an entry has a type");
        if kind.is_dir() && !LEFT_BEHIND.contains(&name.as_str()) {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if kind.is_file() && WRITTEN.contains(&extension(&name)) {
            files.extend(read(&entry.path()).map(|text| SourceFile { path, text }));
        }
    }
}

fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// The text of a file; nothing of a file that is gone or no text.
fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

// --- the checks ----------------------------------------------------------------------------------

/// Whether a crate is needed by tests alone; all of them may ask the oracle.
fn is_for_tests(dependency: &Value) -> bool {
    let is = |key: &str, word: &str| dependency.get(key).and_then(Value::as_str) == Some(word);
    is("kind", "dev") && is("name", "chofuku-tests")
}

/// Dependencies, of whatever kind, that go against the one direction.
fn wrong_edges(metadata: &Value) -> Vec<String> {
    let name = |value: &Value| value.get("name").and_then(Value::as_str).unwrap_or("").to_owned();
    let list = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let packages = list(metadata, "packages");
    let ours: BTreeSet<String> = packages.iter().map(name).collect();
    let mut faults = Vec::new();
    for (known, _) in EDGES {
        if !ours.contains(known) {
            faults.push(format!("there is no crate {known}"));
        }
    }
    for package in &packages {
        let (from, dependencies) = (name(package), list(package, "dependencies"));
        if SEE_EVERYTHING.contains(&from.as_str()) {
            continue;
        }
        let Some((_, allowed)) = EDGES.iter().find(|(known, _)| *known == from) else {
            faults.push(format!("nobody said what {from} may depend on"));
            continue;
        };
        for to in dependencies.iter().filter(|to| !is_for_tests(to)).map(name) {
            let against = ours.contains(&to) && !allowed.contains(&to.as_str());
            let impure = from == "chofuku-engine" && NOT_IN_ENGINE.contains(&to.as_str());
            if against || impure {
                faults.push(format!("{from} may not depend on {to}"));
            }
        }
    }
    faults
}

/// Words of the code outside the one file where they may stand.
fn strayed_words(path: &str, code: &str) -> Vec<String> {
    let strayed = HOMES.iter().filter(|(word, home)| path != *home && has_word(code, word));
    strayed.map(|(word, home)| format!("{path}: `{word}` may stand in {home} only")).collect()
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|character: char| !is_word(character)).any(|found| found == word)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// A `tests.rs` is explained by the module that it tests.
fn says_what_it_is(path: &str, text: &str) -> bool {
    text.starts_with("//!") || path.ends_with("/tests.rs")
}

/// Lines with something else than comments on them.
fn code_lines(text: &str) -> usize {
    code_of(text).lines().filter(|line| !line.trim().is_empty()).count()
}

/// Tests that do not run, code that is not written, and statements that compute a truth nobody
/// looks at, each with its line.
fn pretences(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, number) in code.lines().zip(1..) {
        let words = PRETENDING.iter().filter(|word| line.contains(**word));
        found.extend(words.map(|word| (number, format!("`{word}`"))));
    }
    for (start, call) in code.match_indices("matches!(") {
        let (before, rest) = code.split_at(start);
        let begins = before.trim_end().ends_with([';', '{', '}']);
        let behind = rest.get(call.len()..).and_then(behind_parenthesis);
        if begins && behind.is_some_and(|behind| behind.trim_start().starts_with(';')) {
            let line = before.lines().count().max(1);
            found
                .push((line, "a statement that begins with `matches!(` checks nothing".to_owned()));
        }
    }
    found
}

/// What follows the parenthesis that closes an open one.
fn behind_parenthesis(text: &str) -> Option<&str> {
    let mut open = 1_u32;
    for (position, character) in text.char_indices() {
        match character {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return text.get(position + 1..);
        }
    }
    None
}

/// The paths that a document names in backticks, if they are of this repository: they
/// hold a `/`, and end like a source file or begin with a folder that is there.
fn named_paths(document: &str, is_folder: impl Fn(&str) -> bool) -> Vec<String> {
    let mut paths = Vec::new();
    let mut fenced = false;
    for line in document.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for span in line.split('`').skip(1).step_by(2) {
            let is_path = span.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./".contains(&b));
            let Some((first, _)) = span.split_once('/').filter(|_| is_path) else { continue };
            let is_source = [".rs", ".md", ".toml"].iter().any(|end| span.ends_with(end));
            if is_source || (!first.is_empty() && is_folder(first)) {
                paths.push(span.to_owned());
            }
        }
    }
    paths
}

/// Whether a line names the folder of a person, as only the machine of its writer has it.
fn names_a_home(line: &str) -> bool {
    HOME_FOLDERS.iter().any(|folder| {
        line.match_indices(folder).any(|(position, _)| {
            let (before, rest) = line.split_at(position);
            let inside = before.ends_with(|c: char| is_word(c) || c == '.' || c == '-');
            let behind = rest.get(folder.len()..).and_then(|rest| rest.chars().next());
            !inside && behind.is_some_and(|c| is_word(c) || c == '.')
        })
    })
}

/// The numbers of the rules that a text cites: `S` and one or two digits, as a word.
fn rules_in(text: &str) -> BTreeSet<u32> {
    let words = text.split(|character: char| !is_word(character));
    let numbers = words.filter_map(|word| word.strip_prefix('S'));
    let numbers = numbers.filter(|digits| matches!(digits.len(), 1 | 2));
    numbers.filter_map(|digits| digits.parse().ok()).collect()
}

// --- code without comments and texts -------------------------------------------------------------

/// The code of a Rust file: comments as spaces, texts and characters as `~`, lines as they were.
fn code_of(text: &str) -> String {
    blanked(text, Some(' '))
}

/// The code and the comments of a Rust file.
fn without_texts(text: &str) -> String {
    blanked(text, None)
}

fn blanked(text: &str, comments: Option<char>) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let in_word = kept.ends_with(is_word);
        let (length, blank) = if let Some(length) = comment_length(rest) {
            (length, comments)
        } else if let Some(length) = literal_length(rest, in_word) {
            (length, Some('~'))
        } else {
            (character.len_utf8(), None)
        };
        let (taken, behind) = rest.split_at(length);
        kept.extend(taken.chars().map(|c| if c == '\n' { c } else { blank.unwrap_or(c) }));
        rest = behind;
    }
    kept
}

fn comment_length(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if !text.starts_with("/*") {
        return None;
    }
    let (mut depth, mut length) = (0_u32, 0);
    while let Some(rest) = text.get(length..).filter(|rest| !rest.is_empty()) {
        let step = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        length += step;
        if depth == 0 {
            break;
        }
    }
    Some(length)
}

fn literal_length(text: &str, in_word: bool) -> Option<usize> {
    if let Some(length) = raw_text_length(text).filter(|_| !in_word) {
        return Some(length);
    }
    if let Some(inside) = text.strip_prefix('"') {
        return Some(1 + escaped_length(inside, '"').unwrap_or(inside.len()));
    }
    let inside = text.strip_prefix('\'')?;
    let mut characters = inside.chars();
    let (first, second) = (characters.next()?, characters.next());
    // Anything else behind a quote is a lifetime.
    if first == '\\' || second == Some('\'') {
        Some(1 + escaped_length(inside, '\'')?)
    } else {
        None
    }
}

/// Bytes up to and with the first `end` that has no backslash before it.
fn escaped_length(text: &str, end: char) -> Option<usize> {
    let mut escaped = false;
    for (position, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            found if found == end => return Some(position + 1),
            _ => {}
        }
    }
    None
}

fn raw_text_length(text: &str) -> Option<usize> {
    let behind = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let inside = behind.trim_start_matches('#');
    let hashes = behind.len() - inside.len();
    let inside = inside.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let closed = inside.find(&end).map_or(inside.len(), |position| position + end.len());
    Some(text.len() - inside.len() + closed)
}

// --- each check finds its fault ------------------------------------------------------------------

#[cfg(test)]
mod tests;
