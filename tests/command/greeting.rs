//! What a person reads first: the overview, the demo, a server that starts, and errors that help.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::documents::shell::Shell;

fn chofuku(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chofuku"));
    command.args(words).current_dir(folder).output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_command_alone_says_where_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let output = chofuku(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2), "nothing was done");
    let text = said(&output);
    for part in ["Try it", "chofuku demo", "Exit codes", "  serve ", "  config "] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    assert!(!text.contains('\u{1b}') && !text.contains('{'), "no colours, no template:\n{text}");
    // The same for whoever asks for help, and that is no mistake.
    let asked = chofuku(folder.path(), &["--help"]);
    assert!(asked.status.success());
    assert!(printed(&asked).contains("Try it"));
}

#[test]
fn a_demo_that_ends_names_no_server() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["demo", "--once", "--patients", "20", "--listen", "127.0.0.1:0"];
    let output = chofuku(folder.path(), &words);
    assert!(output.status.success(), "{}", said(&output));
    let text = printed(&output);
    assert!(!text.contains("http://") && !text.contains("curl"), "{text}");
    assert!(text.contains("has 2 findings") && text.contains("併用禁忌"), "{text}");
    assert!(text.contains("chofuku serve --data chofuku-demo/data"), "{text}");
    let answer = fs::read_to_string(folder.path().join("chofuku-demo/answer.json")).unwrap();
    assert!(answer.contains("\"outcome\": \"findings\""), "{answer}");
    // For a program there is the answer and nothing else.
    let output = chofuku(folder.path(), &[["--json"].as_slice(), words.as_slice()].concat());
    let answer: serde_json::Value = serde_json::from_str(&printed(&output)).unwrap();
    assert_eq!(answer.get("outcome").and_then(|outcome| outcome.as_str()), Some("findings"));
}

#[test]
fn everything_is_where_the_demo_says() {
    let mut shell = Shell::new();
    let told = shell.demo();
    let mut named = Vec::new();
    for word in told.split_whitespace() {
        let Some((_, path)) = word.strip_prefix("http://").and_then(|url| url.split_once('/'))
        else {
            continue;
        };
        let path = format!("/{path}");
        // The one that the file of the request is sent to.
        let body = (path == "/v1/check").then(|| shell.file("chofuku-demo/request.json"));
        let (status, answer) = shell.http(&path, body.as_deref(), &[]).unwrap();
        assert!(status == 200 && !answer.is_empty(), "{path}: {status} {answer}");
        named.push(path);
    }
    for path in ["/", "/docs", "/openapi.json", "/cds-services", "/metrics", "/v1/check"] {
        assert!(named.iter().any(|named| named == path), "{path} is not in\n{told}");
    }
}

#[test]
fn where_nobody_looks_a_server_says_one_line_and_logs_json() {
    let folder = tempfile::tempdir().unwrap();
    let demo = ["demo", "--once", "--patients", "5", "--listen", "127.0.0.1:0"];
    assert!(chofuku(folder.path(), &demo).status.success());
    // The socket is taken, so that the server ends by itself and everything can be read.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output =
        chofuku(folder.path(), &["serve", "--data", "chofuku-demo/data", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(printed(&output), "", "it says that it serves, and does not");
    assert!(said(&output).contains("choose another port with --listen"), "{}", said(&output));
    let mut shell = Shell::at(folder);
    let told = shell.run("chofuku serve --data chofuku-demo/data").unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    let log = shell.stop_and_read_log();
    assert!(log.lines().count() >= 2, "it starts and stops: {log}");
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line.get("level").is_some() && line.get("message").is_some(), "{line}");
    }
}

#[test]
fn an_error_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("wrong.toml"), "[limits]\nbody_byte_max = 1\n").unwrap();
    let cases: [(&[&str], &[&str]); 6] = [
        (&["verify"], &["--data DATA", "CHOFUKU_DATA"]),
        (&["serve", "--data", "nothing"], &["nothing", "chofuku compile"]),
        (&["serve", "--config", "wrong.toml"], &["wrong.toml:2", "`body_bytes_max`"]),
        (&["serve", "--config", "none.toml"], &["none.toml", "cannot be read"]),
        (&["config", "check", "wrong.toml"], &["wrong.toml:2", "`body_bytes_max`"]),
        (&["config", "check"], &["no data directory"]),
    ];
    for (words, parts) in cases {
        let output = chofuku(folder.path(), words);
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        for part in parts {
            assert!(
                said(&output).contains(part),
                "{words:?} does not say {part}: {}",
                said(&output)
            );
        }
    }
}

#[test]
fn a_configuration_is_told_to_a_program_too() {
    let folder = tempfile::tempdir().unwrap();
    let output =
        chofuku(folder.path(), &["--json", "config", "check", "--data", "d", "--populate=false"]);
    assert!(output.status.success(), "{}", said(&output));
    let told: serde_json::Value = serde_json::from_str(&printed(&output)).unwrap();
    let of = |pointer: &str| told.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(of("/settings/data/from"), "--data");
    assert_eq!(
        of("/settings/populate"),
        serde_json::json!({
            "value": false, "source": "flag", "variable": "CHOFUKU_POPULATE", "from": "--populate",
        })
    );
    assert_eq!(of("/settings/limits.body_bytes_max/source"), "default");
    assert_eq!(of("/faults"), serde_json::json!([]));
}

#[test]
fn the_file_of_defaults_can_be_printed_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let output = chofuku(folder.path(), &["config", "default"]);
    let file = folder.path().join("chofuku.toml");
    fs::write(&file, &output.stdout).unwrap();
    let words = ["config", "check", "chofuku.toml", "--data", "d"];
    assert!(chofuku(folder.path(), &words).status.success());
    assert!(printed(&output).contains("connections_max = 10000"));
}
