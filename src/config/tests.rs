use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use chofuku_engine::policy::Policy;
use tempfile::TempDir;

use super::layer::{gather, keys};
use super::{Configured, DEFAULT_FILE, Faults, Flag, Settings, Source, file, variable};

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

fn file_of(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chofuku.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn source(configured: &Configured, key: &str) -> Source {
    configured.shown().into_iter().find(|shown| shown.key == key).unwrap().source
}

fn reasons(given: Result<Configured, Faults>) -> Vec<String> {
    given.unwrap_err().0
}

/// The file of defaults with every example switched on.
fn with_examples() -> String {
    let mut text = String::new();
    for line in DEFAULT_FILE.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let is_example = bare.starts_with("[policies.")
            || bare.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        text.push_str(if is_example { bare } else { line });
        text.push('\n');
    }
    text
}

#[test]
fn the_file_of_defaults_is_the_defaults() {
    let settings: Settings = toml::from_str(DEFAULT_FILE).unwrap();
    assert_eq!(settings, Settings::default());
    let examples = with_examples();
    file::parse("examples", &examples).unwrap();
    let settings: Settings = toml::from_str(&examples).unwrap();
    assert_eq!(settings.policies["site"], Policy::OFFICIAL);
    assert_eq!(settings.faults(), [""; 0]);
    // Every key stands in it, with a value or as an example.
    let table: toml::Table = examples.parse().unwrap();
    let shown = keys();
    assert!(shown.len() > 20, "{shown:?}");
    for key in shown {
        let (section, name) = key.split_once('.').unwrap_or(("", &key));
        let section = if section.is_empty() { Some(&table) } else { table[section].as_table() };
        assert!(section.unwrap().contains_key(name), "contrib/chofuku.toml has no {key}");
    }
    let policy = table["policies"]["site"].as_table().unwrap();
    let fields = toml::Table::try_from(Policy::OFFICIAL).unwrap();
    assert_eq!(policy.keys().collect::<Vec<_>>(), fields.keys().collect::<Vec<_>>());
}

#[test]
fn the_later_layer_counts() {
    let (_folder, path) =
        file_of("listen = \"127.0.0.1:1\"\npopulate = true\n[limits]\nbody_timeout = \"1m\"\n");
    let variables = environment(&[
        ("CHOFUKU_LISTEN", "127.0.0.1:2"),
        ("CHOFUKU_LIMITS_CONNECTIONS_MAX", "7"),
        ("CHOFUKU_DATA", "of the environment"),
    ]);
    let flags = vec![Flag::new("--listen", "listen", "127.0.0.1:3")];
    let configured = gather(Some(path.clone()), &variables, flags).unwrap();
    let settings = &configured.settings;
    assert_eq!(settings.listen.port(), 3);
    assert!(settings.populate);
    assert_eq!(settings.limits.connections_max, 7);
    assert_eq!(settings.limits.body_timeout.as_secs(), 60);
    assert_eq!(settings.limits.idle_timeout, Settings::default().limits.idle_timeout);
    assert_eq!(settings.data, Some(PathBuf::from("of the environment")));
    assert_eq!(source(&configured, "listen"), Source::Flag("--listen"));
    assert_eq!(source(&configured, "populate"), Source::File(path.clone()));
    assert_eq!(source(&configured, "limits.body_timeout"), Source::File(path));
    let of_limit = Source::Environment("CHOFUKU_LIMITS_CONNECTIONS_MAX".to_owned());
    assert_eq!(source(&configured, "limits.connections_max"), of_limit);
    assert_eq!(source(&configured, "limits.idle_timeout"), Source::Default);
}

#[test]
fn a_path_counts_from_the_folder_of_its_file() {
    let (folder, path) = file_of("data = \"data\"\nbackups = \"/elsewhere\"\n");
    let settings = gather(Some(path), &[], Vec::new()).unwrap().settings;
    assert_eq!(settings.data, Some(folder.path().join("data")));
    assert_eq!(settings.backups, Some(PathBuf::from("/elsewhere")));
}

#[test]
fn a_fault_of_a_file_names_its_line_its_key_and_what_there_is() {
    let cases: [(&str, &[&str]); 7] = [
        ("\n[limits]\nconection_max = 1\n", &[":3: ", "`conection_max`", "connections_max"]),
        ("listen = \"nowhere\"\n", &[":1: listen: ", "socket address"]),
        ("[limits]\nbody_timeout = 5\n", &[":2: limits.body_timeout: ", "duration"]),
        ("[policies.site]\nlook_back = 3\n", &[":2: policies.site.look_back: ", "look_back_days"]),
        ("[log]\nformat = \"xml\"\n", &[":2: log.format: ", "auto", "text", "json"]),
        ("populate = yes\n", &[":1: "]),
        ("listen = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:1\"\n", &[":2: ", "duplicate"]),
    ];
    for (text, expected) in cases {
        let (_folder, path) = file_of(text);
        let found = reasons(gather(Some(path.clone()), &[], Vec::new()));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&path.display().to_string()), "{found:?}");
        for part in expected {
            assert!(found[0].contains(part), "{part:?} is not in {found:?}");
        }
    }
    let missing = reasons(gather(Some(PathBuf::from("not-there.toml")), &[], Vec::new()));
    assert!(missing[0].starts_with("not-there.toml: cannot be read"), "{missing:?}");
}

#[test]
fn every_fault_of_the_environment_is_told_with_its_variable() {
    let variables = environment(&[
        ("CHOFUKU_LISTEN", "here"),
        ("CHOFUKU_POPULATE", "maybe"),
        ("CHOFUKU_LIMITS_BODY_BYTES_MAX", "-1"),
        ("CHOFUKU_LISTN", "127.0.0.1:1"),
        ("CHOFUKU_CONFIG", "read elsewhere"),
        ("PATH", "/bin"),
    ]);
    let found = reasons(gather(None, &variables, Vec::new()));
    assert_eq!(found.len(), 3, "{found:?}");
    for (reason, variable) in found.iter().zip(["LISTEN: listen", "POPULATE: populate", "LIMITS_"])
    {
        assert!(reason.starts_with(&format!("CHOFUKU_{variable}")), "{reason}");
    }
    // A cluster may set variables of this beginning for reasons of its own.
    let unknown = gather(None, &environment(&[("CHOFUKU_LISTN", "")]), Vec::new()).unwrap().unknown;
    assert_eq!(unknown, ["CHOFUKU_LISTN"]);
}

#[test]
fn the_filter_of_other_programs_counts_last_in_the_environment() {
    let rust_log = ("RUST_LOG", "debug");
    let configured = gather(None, &environment(&[rust_log]), Vec::new()).unwrap();
    assert_eq!(configured.settings.log.filter, "debug");
    assert_eq!(source(&configured, "log.filter"), Source::Environment("RUST_LOG".to_owned()));
    let both = environment(&[("CHOFUKU_LOG_FILTER", "warn"), rust_log]);
    assert_eq!(gather(None, &both, Vec::new()).unwrap().settings.log.filter, "warn");
}

#[test]
fn what_no_server_can_be_started_with_is_told_whole() {
    let (_folder, path) = file_of(
        "data = \"data\"\n[log]\nfilter = \"==\"\n[limits]\nheader_fields_max = 500\nbody_timeout = \"0s\"\n\
         [policies.official]\n",
    );
    let settings = gather(Some(path), &[], Vec::new()).unwrap().settings;
    let faults = settings.faults();
    assert_eq!(faults.len(), 4, "{faults:?}");
    assert!(settings.server().is_err());
    assert_eq!(Settings::default().faults().len(), 1, "no data directory");
}

#[test]
fn a_server_that_others_can_reach_is_warned_of() {
    let listen = |address: &str| {
        let settings = Settings { listen: address.parse().unwrap(), ..Settings::default() };
        settings.warnings().len()
    };
    assert_eq!((listen("127.0.0.1:8080"), listen("[::1]:8080")), (0, 0));
    assert_eq!((listen("0.0.0.0:8080"), listen("192.0.2.1:8080")), (1, 1));
}

#[test]
fn backups_that_have_nowhere_to_go_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let backups = folder.path().join("backups");
    let settings = Settings { backups: Some(backups.clone()), ..Settings::default() };
    let warnings = settings.warnings();
    assert!(warnings.len() == 1 && warnings[0].contains("backups: "), "{warnings:?}");
    std::fs::create_dir(&backups).unwrap();
    assert!(settings.warnings().is_empty());
}

#[test]
fn every_variable_is_of_one_key() {
    let mut variables: Vec<String> = keys().iter().map(|key| variable(key)).collect();
    let all = variables.len();
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), all);
    assert!(variables.contains(&"CHOFUKU_LIMITS_BODY_TIMEOUT".to_owned()));
}
