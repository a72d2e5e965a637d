//! Each check of the tree finds its fault, and leaves alone what only looks like one.

use serde_json::json;

use super::*;

/// Metadata of a workspace as it should be, with one more dependency.
fn workspace(from: &str, to: &str) -> Value {
    let packages = EDGES.iter().map(|(name, allowed)| {
        let extra = (*name == from).then_some(to);
        let dependencies = allowed.iter().copied().chain(extra);
        let dependencies: Vec<_> = dependencies.map(|name| json!({ "name": name })).collect();
        json!({ "name": name, "dependencies": dependencies })
    });
    json!({ "packages": packages.collect::<Vec<_>>() })
}

#[test]
fn an_edge_against_the_direction_is_found() {
    none(&wrong_edges(&workspace("chofuku-server", "tokio")));
    for (from, to) in [
        ("chofuku-engine", "chofuku-formats"),
        ("chofuku-engine", "tokio"),
        ("chofuku-engine", "serde_json"),
        ("chofuku-formats", "chofuku-loader"),
        ("chofuku-loader", "chofuku-server"),
        ("chofuku-datasets", "chofuku-engine"),
        ("chofuku-server", "chofuku-datasets"),
    ] {
        let faults = wrong_edges(&workspace(from, to));
        assert_eq!(faults, [format!("{from} may not depend on {to}")]);
    }
}

#[test]
fn a_crate_that_nobody_placed_is_found() {
    let mut metadata = workspace("", "");
    let packages = metadata["packages"].as_array_mut().unwrap();
    packages.remove(0);
    packages.push(json!({ "name": "chofuku-more", "dependencies": [] }));
    assert_eq!(wrong_edges(&metadata).len(), 2);
}

#[test]
fn a_strayed_word_is_found_in_code_only() {
    let faults = |code: &str| strayed_words("server/src/lib.rs", &code_of(code)).len();
    assert_eq!(faults("unsafe { read() }"), 1);
    assert_eq!(faults("use bincode::config;"), 1);
    assert_eq!(faults("#![forbid(unsafe_code)] // unsafe\n/* bincode */ f(\"unsafe\");"), 0);
    assert!(strayed_words("engine/src/map.rs", "unsafe {}").is_empty());
}

#[test]
fn a_file_that_does_not_say_what_it_is_is_found() {
    assert!(says_what_it_is("a/b.rs", "//! B.\n"));
    assert!(says_what_it_is("a/b/tests.rs", "use super::*;\n"));
    assert!(!says_what_it_is("a/b.rs", "// B.\n"));
    assert!(!says_what_it_is("a/contests.rs", "use super::*;\n"));
}

#[test]
fn only_lines_of_code_count() {
    let text = "//! Doc.\n\nfn f() { // why\n/* more\n   of it */ g(\"\n//\n\");\n}\n";
    assert_eq!(code_lines(text), 5);
}

#[test]
fn what_only_seems_to_be_there_is_found() {
    let lines = |code: &str| {
        pretences(&code_of(code)).into_iter().map(|(line, _)| line).collect::<Vec<_>>()
    };
    assert_eq!(lines("#[test]\n#[ignore = \"slow\"]\nfn f() {}"), [2]);
    assert_eq!(lines("#[should_panic]\nfn f() { todo!() }"), [1, 2]);
    assert_eq!(lines("fn f() {\n    matches!(g(), Some(_));\n}"), [2]);
    assert_eq!(lines("fn f() {\n    g();\n    matches!(x, Some(')'));\n}"), [3]);
    assert_eq!(lines("fn f() -> bool {\n    matches!(g(), Some(_))\n}"), Vec::<usize>::new());
    assert_eq!(
        lines("assert!(matches!(x, Some(_)));\nlet y = matches!(x, 1);"),
        Vec::<usize>::new()
    );
    assert_eq!(lines("// todo!\nlet text = \"#[ignore]\";"), Vec::<usize>::new());
}

#[test]
fn paths_of_this_repository_are_told_from_others() {
    let folder = |name: &str| name == "engine";
    let named = |text: &str| named_paths(text, folder);
    assert_eq!(
        named("see `engine/src/gone.rs` and `old/gone.md`"),
        ["engine/src/gone.rs", "old/gone.md"]
    );
    assert_eq!(
        named("in `engine/src/gone` or `engine/gone/`"),
        ["engine/src/gone", "engine/gone/"]
    );
    assert_eq!(named("`DATA/CURRENT`, `text/plain`, `/v1/check`, `engine`"), Vec::<String>::new());
    assert_eq!(named("engine/gone.rs\n```\n`engine/gone.rs`\n```\n"), Vec::<String>::new());
}

#[test]
fn the_folder_of_a_person_is_found() {
    // In two pieces, so that the check does not find this file.
    for (folder, rest) in [("in /home", "hanako/x"), ("\"/Users", "taro\""), ("=/root", ".cargo")] {
        let line = format!("{folder}/{rest}");
        assert!(names_a_home(&line), "{line}");
    }
    for line in ["/home/", "/Users/<you>/", "https://example.org/home/page", "a/root/b"] {
        assert!(!names_a_home(line), "{line}");
    }
}

#[test]
fn rules_are_told_from_other_words() {
    let beyond = 31;
    let text = format!("(S1, S22) S{beyond} S100 SHA2 XS3 S_4 S 5");
    assert_eq!(rules_in(&text), BTreeSet::from([1, 22, beyond]));
    assert_eq!(rules_in(&without_texts("// S1\nyear(\"S64\")")), BTreeSet::from([1]));
}

#[test]
fn code_is_told_from_comments_and_texts() {
    for (text, code) in [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        ("f(\"a\\\"b\") // c", "f(~~~~~~)     "),
        ("f(r#\"a\"b\"#, c)", "f(~~~~~~~~, c)"),
        ("for\"a\"", "for~~~"),
        ("'a' + '\\'' + b'\"'", "~~~ + ~~~~ + b~~~"),
        ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
    ] {
        assert_eq!(code_of(text), code);
    }
}
