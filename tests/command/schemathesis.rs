//! Schemathesis against a running server with the demo data: requests made from the `OpenAPI` document, good
//! and bad, none of which may fail the server or be answered otherwise than described.
//!
//! It is a Python program that `tests/run` installs; without it the test says that it did not run.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::kill::Site;
use crate::registrations::Server;

/// Names the program.
const PROGRAM: &str = "CHOFUKU_SCHEMATHESIS";
/// What the summary says of each phase that asked and found nothing.
const PASSED: [&str; 3] = ["✅ Examples", "✅ Coverage", "✅ Fuzzing"];

#[test]
fn the_server_does_what_its_document_says() {
    let Some(program) = std::env::var_os(PROGRAM) else {
        println!("not run: {PROGRAM} does not name a schemathesis; tests/run installs one");
        return;
    };
    let site = Site::new();
    let demo = site.path("demo");
    let made = Command::new(env!("CARGO_BIN_EXE_chofuku"))
        .args(["demo", "--once", "--patients", "100", "--listen", "127.0.0.1:0", "--dir"])
        .arg(&demo)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let backups = site.path("backups");
    fs::create_dir(&backups).unwrap();
    let server = Server::start_with(&demo.join("data"), &[("--backups", &backups)]);
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let run = Command::new(program)
        .env("SCHEMATHESIS_HOOKS", tests.join("schemathesis_hooks.py"))
        .arg("--config-file")
        .arg(tests.join("schemathesis.toml"))
        .args(["run", "--phases", "examples,coverage,fuzzing"])
        .arg(format!("http://{}/openapi.json", server.address))
        // Its own data would be left in the working directory.
        .current_dir(site.path("."))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{told}{}", String::from_utf8_lossy(&run.stderr));
    for phase in PASSED {
        assert!(told.contains(phase), "{phase} is not in what it says: {told}");
    }
    server.kill();
}
