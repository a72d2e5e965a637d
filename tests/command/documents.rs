//! What the documents tell a reader to type is typed here: blocks marked `run` are run, in order, in a
//! folder of each document's own; of every other command the subcommand and its options are looked up,
//! and every block of JSON is read. What answers say is held against the glossary.
//!
//! The info string of a block says what happens with it: `sh run` runs commands that must succeed,
//! `console run` compares what they print as well (a line `…` stands for any lines, `…` in a line for
//! any text), and `stopped` stops the servers first. Servers listen on a free port, whatever the
//! document says, and stop with the test.

mod blocks;
pub(crate) mod shell;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use blocks::{Block, blocks};
use serde_json::Value;
use shell::{Shell, chofuku, words};

/// Every document whose commands are run.
const DOCUMENTS: [&str; 3] = ["README.md", "README.ja.md", "docs/operations.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Every document that may name a command.
fn documents() -> Vec<PathBuf> {
    let of = |folder: &str| fs::read_dir(root().join(folder)).unwrap();
    let files = of(".").chain(of("docs")).map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

fn run(document: &str) {
    let mut shell = Shell::new();
    let runnable = blocks(&read(document)).into_iter().filter(|block| block.is("run"));
    let mut ran = 0;
    for block in runnable {
        if block.is("stopped") {
            shell.stop_servers();
        }
        for (command, expected) in block.commands() {
            let place = format!("{document}:{}: {command}", block.line);
            let told = shell.run(&command).unwrap_or_else(|why| panic!("{place}: {why}"));
            if let Some(expected) = expected {
                assert!(
                    blocks::is_like(&expected, &told),
                    "{place}\n--- the document says\n{expected}\n--- it prints\n{told}"
                );
            }
            ran += 1;
        }
    }
    assert!(ran >= 3, "{document}: only {ran} commands are marked to be run");
}

#[test]
fn the_readme_runs() {
    run(DOCUMENTS[0]);
}

#[test]
fn the_japanese_readme_runs() {
    run(DOCUMENTS[1]);
}

#[test]
fn the_operations_run() {
    run(DOCUMENTS[2]);
}

/// The words of a command line that is `chofuku` or runs it by cargo, from the subcommand on.
fn of_chofuku(words: &[String]) -> Option<&[String]> {
    let is_word = |word: &&String| !word.contains('=') && *word != "sudo" && *word != "-u";
    let start = words.iter().position(|word| is_word(&word))?;
    let words = words.get(start..)?;
    match words.first()?.as_str() {
        "chofuku" if words.get(1).map(String::as_str) == Some("chofuku") => words.get(2..),
        "chofuku" | "target/release/chofuku" => words.get(1..),
        "cargo" if words.get(1).map(String::as_str) == Some("run") => {
            let behind = words.iter().position(|word| word == "--")?;
            words.get(behind + 1..)
        }
        _ => None,
    }
}

/// What is wrong with a command: a subcommand or an option that there is not.
fn unknown_words(words: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    let names = words.iter().take_while(|word| !word.starts_with('-'));
    let mut path: Vec<&str> = Vec::new();
    let mut help = chofuku(&["--help"]);
    for name in names {
        let is_command = |line: &str| line.trim_start().split(' ').next() == Some(name.as_str());
        if path.is_empty() && !help.lines().any(is_command) {
            return vec![format!("there is no command {name}")];
        }
        // A value, where a command has none below it.
        let has_it = help.contains("Commands:") && help.lines().any(is_command);
        if !path.is_empty() && !has_it {
            break;
        }
        path.push(name);
        let mut asked = path.clone();
        asked.push("--help");
        help = chofuku(&asked);
    }
    for option in words.iter().filter(|word| word.starts_with("--") && word.len() > 2) {
        let option = option.split('=').next().unwrap_or_default();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let has = help.split(|c: char| !is_word(c)).any(|word| word == option);
        if !has {
            faults.push(format!("chofuku {} has no {option}", path.join(" ")));
        }
    }
    faults
}

#[test]
fn every_command_that_a_document_names_is_there() {
    let mut faults = Vec::new();
    let mut looked_at = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let in_blocks = blocks(&text).into_iter().filter(Block::is_shell).flat_map(|block| {
            let commands = block.commands().into_iter().map(|(command, _)| command);
            commands.collect::<Vec<_>>()
        });
        let in_text = blocks::spans(&text).into_iter().filter(|span| span.starts_with("chofuku "));
        for command in in_blocks.chain(in_text) {
            let Some(words) = words(&command) else {
                faults.push(format!("{}: {command}: cannot be read", path.display()));
                continue;
            };
            let Some(words) = of_chofuku(&words) else { continue };
            looked_at += 1;
            let wrong = unknown_words(words).into_iter();
            faults.extend(wrong.map(|what| format!("{}: {command}: {what}", path.display())));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(looked_at > 50, "only {looked_at} commands were found");
}

#[test]
fn every_block_of_json_can_be_read() {
    let mut read = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for block in blocks(&text).into_iter().filter(|block| block.language() == "json") {
            let value: Result<Value, _> = serde_json::from_str(&block.text);
            assert!(value.is_ok(), "{}:{}: {value:?}", path.display(), block.line);
            read += 1;
        }
    }
    assert!(read >= 3, "only {read} blocks");
}

#[test]
fn the_two_readmes_tell_the_same() {
    let [english, japanese] = ["README.md", "README.ja.md"].map(|path| blocks(&read(path)));
    let marks =
        |blocks: &[Block]| blocks.iter().map(|block| block.info.clone()).collect::<Vec<_>>();
    assert_eq!(marks(&english), marks(&japanese));
    for (english, japanese) in english.iter().zip(&japanese) {
        // Pictures have words; commands, output and JSON are the same.
        if english.is_shell() || english.language() == "json" {
            assert_eq!(english.text, japanese.text, "README.ja.md:{}", japanese.line);
        }
    }
}

/// Every name of a field in a value.
fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                found.insert(name.clone());
                fields(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_field_of_an_answer_is_in_the_glossary() {
    let mut shell = Shell::new();
    shell.run("chofuku demo --once --patients 50 --listen 127.0.0.1:0").unwrap();
    shell.run("chofuku serve --data chofuku-demo/data").unwrap();
    let mut found = BTreeSet::new();
    let request: Value = serde_json::from_str(&shell.file("chofuku-demo/request.json")).unwrap();
    fields(&request, &mut found);
    let mut extended = request.clone();
    extended["consent"] = serde_json::json!({"level": "full"});
    extended["policy"] = "extended".into();
    let mut history = extended.clone();
    history.as_object_mut().unwrap().remove("lines");
    let document = serde_json::json!({
        "id": "rx-1", "kind": "prescription", "patient": {"id": "somebody"}, "date": "2026-11-22",
        "institution": {"code": "1311234567", "name": "somewhere"}, "lines": request["lines"],
        "refill": {"uses": 3}, "acknowledged": [{"finding": "f", "reason": "r"}],
    });
    fields(&document, &mut found);
    for (path, body) in [
        ("/v1/check", Some(&request)),
        ("/v1/check", Some(&extended)),
        ("/v1/history", Some(&history)),
        ("/v1/history", Some(&extended)),
        ("/v1/documents", Some(&document)),
        ("/v1/documents/rx-1", None),
        ("/v1/drugs?q=アムロ", None),
        ("/v1/drugs/yj/6290004M1029", None),
        ("/v1/status", None),
        ("/readyz", None),
        ("/v1/nothing", None),
    ] {
        let (_, answer) = shell.http(path, body.map(ToString::to_string).as_deref(), &[]).unwrap();
        fields(&serde_json::from_str(&answer).unwrap(), &mut found);
    }
    let glossary = read("docs/glossary.md");
    let missing: Vec<&String> =
        found.iter().filter(|name| !glossary.contains(&format!("`{name}`"))).collect();
    assert!(found.len() > 80, "{found:?}");
    assert!(missing.is_empty(), "docs/glossary.md does not say what these are: {missing:?}");
}
