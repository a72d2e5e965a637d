//! What is shipped beside the binary: the unit, the container file, the package, manual pages and
//! completions.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn chofuku(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_chofuku")).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every command, as its manual page is named.
fn commands(path: &mut Vec<String>, found: &mut BTreeSet<String>) {
    found.insert([["chofuku".to_owned()].as_slice(), path.as_slice()].concat().join("-") + ".1");
    let mut words: Vec<&str> = path.iter().map(String::as_str).collect();
    words.push("--help");
    let help = chofuku(&words);
    // The overview has its commands under headings of its own, the others under one.
    let listed: Vec<String> = if path.is_empty() {
        let lines = help.lines().skip_while(|line| *line != "Try it");
        let lines =
            lines.take_while(|line| *line != "Options").filter(|line| line.starts_with("  "));
        lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    } else {
        let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let lines = lines.take_while(|line| line.starts_with("  "));
        let names = lines.filter_map(|line| line.split_whitespace().next());
        names.filter(|name| *name != "help").map(str::to_owned).collect()
    };
    for name in listed {
        path.push(name);
        commands(path, found);
        path.pop();
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    chofuku(&["man", "--out", folder.path().to_str().unwrap()]);
    let mut expected = BTreeSet::new();
    commands(&mut Vec::new(), &mut expected);
    assert!(expected.len() > 18, "{expected:?}");
    let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
    for entry in entries {
        let name = entry.file_name().into_string().unwrap();
        let page = fs::read_to_string(entry.path()).unwrap();
        assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{name}");
        assert!(page.contains(".TH "), "{name}");
        // Those of `help` are made as well.
        if !name.contains("help") {
            assert!(expected.remove(&name), "{name} is of no command");
        }
    }
    assert!(expected.is_empty(), "no pages: {expected:?}");
    assert!(chofuku(&["man"]).contains(".SH NAME"));
}

#[test]
fn every_shell_has_a_completion() {
    for shell in ["bash", "zsh", "fish"] {
        let script = chofuku(&["completions", shell]);
        assert!(script.contains("compact-at") || script.contains("compact_at"), "{shell}");
    }
}

/// The assignments of a unit, in order.
fn assignments(unit: &str) -> Vec<(&str, &str)> {
    unit.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .collect()
}

#[test]
fn the_unit_gives_the_server_little() {
    let unit = read("contrib/systemd/chofuku.service");
    let has = |name: &str, value: &str| assignments(&unit).contains(&(name, value));
    for (name, value) in [
        ("Type", "notify"),
        ("User", "chofuku"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("StateDirectory", "chofuku"),
        ("MemoryDenyWriteExecute", "yes"),
        ("CapabilityBoundingSet", ""),
        ("SystemCallFilter", "@system-service"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("LimitCORE", "0"),
    ] {
        assert!(has(name, value), "{name}={value} is not in the unit");
    }
    let start = assignments(&unit).into_iter().find(|(name, _)| *name == "ExecStart").unwrap().1;
    assert_eq!(start, "/usr/bin/chofuku serve --config /etc/chofuku/chofuku.toml");
    // The user that it names is made.
    assert!(
        read("contrib/systemd/chofuku.sysusers").lines().any(|line| line.starts_with("u chofuku "))
    );
    // It has the time that draining takes, and some.
    let stop =
        assignments(&unit).into_iter().find(|(name, _)| *name == "TimeoutStopSec").unwrap().1;
    let drain: u64 = 30;
    assert!(stop.parse::<u64>().unwrap() > drain, "{stop}");
    let settings = chofuku(&["--json", "config", "check", "--data", "d"]);
    assert!(settings.contains("\"30s\""), "the drain limit is another now: {settings}");
}

#[test]
fn systemd_finds_no_fault_in_the_unit() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("not run: there is no systemd-analyze on this machine");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("chofuku.service");
    // The program is looked for where it will be installed.
    let binary = env!("CARGO_BIN_EXE_chofuku");
    let text = read("contrib/systemd/chofuku.service").replace("/usr/bin/chofuku", binary);
    fs::write(&unit, text).unwrap();
    let analyze = |words: &[&str]| {
        let command = Command::new("systemd-analyze").args(words).arg(&unit).output().unwrap();
        let told = [command.stdout.as_slice(), &command.stderr].concat();
        (command.status.success(), String::from_utf8_lossy(&told).into_owned())
    };
    let (is_sound, told) = analyze(&["verify", "--man=no"]);
    assert!(is_sound && !told.contains("chofuku.service:"), "{told}");
    // Of 10, in which 10 is everything open; 2 is what systemd calls OK.
    let (_, told) = analyze(&["security", "--offline=true", "--no-pager"]);
    let exposure = told.rsplit_once("Overall exposure level for chofuku.service: ").unwrap().1;
    let exposure: f64 = exposure.split(' ').next().unwrap().parse().unwrap();
    assert!(exposure <= 2.0, "{told}");
}

#[test]
fn systemd_is_told_when_the_server_answers_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    let words = ["demo", "--once", "--patients", "5", "--listen", "127.0.0.1:0", "--dir"];
    chofuku(&[words.as_slice(), [demo.to_str().unwrap()].as_slice()].concat());
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_chofuku"))
        .args([
            OsStr::new("serve"),
            OsStr::new("--listen"),
            OsStr::new("127.0.0.1:0"),
            OsStr::new("--data"),
        ])
        .arg(demo.join("data"))
        .env("NOTIFY_SOCKET", &path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let told_until = |word: &str| {
        let mut buffer = [0; 4096];
        loop {
            let length = socket.recv(&mut buffer).unwrap();
            let told = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if told.contains(word) {
                return told;
            }
        }
    };
    let ready = told_until("READY=1");
    assert!(ready.contains("serving on http://127.0.0.1:"), "{ready}");
    let stopped = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    told_until("STOPPING=1");
    assert!(server.wait().unwrap().success());
}

/// Instructions of a container file, continued lines joined.
fn instructions(file: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> =
        file.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let lines = joined.lines().filter_map(|line| line.trim().split_once(' '));
    lines.map(|(name, rest)| (name.to_owned(), rest.trim().to_owned())).collect()
}

#[test]
fn the_container_ends_as_an_ordinary_user_with_what_is_there() {
    const KNOWN: [&str; 11] = [
        "FROM",
        "WORKDIR",
        "COPY",
        "ENV",
        "RUN",
        "USER",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
        "ENTRYPOINT",
        "CMD",
    ];
    let file = read("contrib/container/Containerfile");
    let instructions = instructions(&file);
    let of = |name: &str| {
        let of_name = instructions.iter().filter(move |(found, _)| found == name);
        of_name.map(|(_, rest)| rest.as_str()).collect::<Vec<_>>()
    };
    for (name, rest) in &instructions {
        assert!(KNOWN.contains(&name.as_str()), "{name} {rest}");
    }
    let stages: Vec<&str> = of("FROM")
        .iter()
        .filter_map(|from| from.split_once(" AS "))
        .map(|(_, name)| name)
        .collect();
    assert_eq!(of("FROM").len(), stages.len() + 1, "every stage but the last has a name");
    for from in of("FROM") {
        let image = from.split(' ').next().unwrap();
        assert!(
            image.contains('/') && image.contains(':') && !image.ends_with(":latest"),
            "{image}"
        );
    }
    for copy in of("COPY") {
        if let Some((stage, _)) = copy.strip_prefix("--from=").and_then(|rest| rest.split_once(' '))
        {
            assert!(stages.contains(&stage), "there is no stage {stage}");
        } else {
            let paths: Vec<&str> = copy.split(' ').collect();
            let (_, sources) = paths.split_last().unwrap();
            for source in sources {
                assert!(root().join(source).exists(), "there is no {source} to copy");
            }
        }
    }
    let user: u32 = of("USER").last().unwrap().split(':').next().unwrap().parse().unwrap();
    assert!(user > 0, "the container runs as root");
    for json in of("ENTRYPOINT").into_iter().chain(of("CMD")) {
        assert!(
            serde_json::from_str::<Vec<String>>(json).is_ok(),
            "{json}: a shell would be needed"
        );
    }
    // What it sets are settings: the rest of the configuration is the defaults'.
    let settings = chofuku(&["--json", "config", "check", "--data", "d"]);
    for variable in
        of("ENV").iter().flat_map(|set| set.split(' ')).filter_map(|set| set.split_once('='))
    {
        if variable.0.starts_with("CHOFUKU_") {
            assert!(
                settings.contains(&format!("\"{}\"", variable.0)),
                "{} is no setting",
                variable.0
            );
        }
    }
    assert!(of("RUN").iter().any(|run| run.contains("--locked")));
}

#[test]
fn the_package_ships_what_is_there() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let package = manifest["package"]["metadata"]["deb"].clone();
    let assets = package["assets"].as_array().unwrap();
    assert!(assets.len() > 10);
    let script = read("contrib/debian/build");
    for asset in assets {
        let source = asset[0].as_str().unwrap();
        if let Some(made) = source.strip_prefix("target/package/") {
            let name = made.split('/').next().unwrap();
            assert!(script.contains(&format!("$made/{name}")), "nobody makes {source}");
        } else if !source.starts_with("target/") && !source.contains('*') {
            assert!(root().join(source).exists(), "there is no {source}");
        }
    }
    for path in [
        "contrib/debian/copyright",
        "contrib/debian/scripts/postinst",
        "contrib/systemd/chofuku.service",
    ] {
        assert!(root().join(path).exists(), "there is no {path}");
    }
    for script in ["contrib/debian/build", "contrib/debian/scripts/postinst"] {
        let checked = Command::new("bash").arg("-n").arg(root().join(script)).status().unwrap();
        assert!(checked.success(), "{script}");
    }
    // The configuration of the package is that of the defaults, with a data directory.
    let settings = chofuku(&["config", "default"]).replace("# data = ", "data = ");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chofuku.toml");
    fs::write(&file, settings).unwrap();
    let told = chofuku(&["config", "check", file.to_str().unwrap()]);
    assert!(told.contains("/var/lib/chofuku/data"), "{told}");
}
