//! A compile that is killed at any moment leaves the generation in force, or the new one whole.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chofuku_datasets::{demo, demo_history};
use chofuku_engine::generation;
use chofuku_tests::World;
use tempfile::TempDir;

/// How often a compile is killed, unless `CHOFUKU_KILLS` says otherwise.
const KILLS: u64 = 20;

pub(crate) struct Site {
    directory: TempDir,
}

impl Site {
    pub(crate) fn new() -> Self {
        let site = Self { directory: tempfile::tempdir().unwrap() };
        fs::create_dir(site.path("tables")).unwrap();
        demo::write_tables(&site.path("tables")).unwrap();
        site
    }

    /// The tables without any history, as the oracle reads them.
    pub(crate) fn tables(&self) -> World {
        World::read(&self.path("tables")).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn history(&self, name: &str, patients: u32) -> PathBuf {
        let path = self.path(name);
        let options =
            demo_history::Options { seed: 7, patients, today: jiff::civil::date(2026, 11, 22) };
        let mut file = BufWriter::new(File::create(&path).unwrap());
        demo_history::write(&mut file, &options).unwrap();
        file.flush().unwrap();
        path
    }

    /// Begins a compile that keeps nothing in memory, so that it goes through every step.
    fn compile(&self, history: &Path) -> Child {
        Command::new(env!("CARGO_BIN_EXE_chofuku"))
            .arg("compile")
            .args(["--memory", "0", "--tables"])
            .arg(self.path("tables"))
            .arg("--history")
            .arg(history)
            .arg("--out")
            .arg(self.path("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub(crate) fn compile_to_the_end(&self, history: &Path) {
        let output = self.compile(history).wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The records of what is in force, every byte of it verified.
    pub(crate) fn records(&self) -> u64 {
        let index = generation::verify(&self.path("data")).unwrap();
        index.history().dictionary().records()
    }
}

#[test]
fn a_killed_compile_never_leaves_half_a_generation() {
    let kills = std::env::var("CHOFUKU_KILLS").ok().and_then(|kills| kills.parse().ok());
    let site = Site::new();
    let one = site.history("one.csv", 200);
    let other = site.history("other.csv", 3000);
    site.compile_to_the_end(&other);
    let of_other = site.records();
    let begun = Instant::now();
    site.compile_to_the_end(&one);
    let of_one = site.records();
    site.compile_to_the_end(&other);
    let longest = begun.elapsed();
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut published = 0;
    for round in 0..kills.unwrap_or(KILLS) {
        site.compile_to_the_end(&one);
        let mut child = site.compile(&other);
        let micros = u64::try_from(longest.as_micros()).unwrap();
        std::thread::sleep(Duration::from_micros(random.u64(0..micros)));
        // It may have ended by itself.
        drop(child.kill());
        child.wait().unwrap();
        let records = site.records();
        assert!(records == of_one || records == of_other, "seed {seed}, round {round}: {records}");
        published += u64::from(records == of_other);
    }
    site.compile_to_the_end(&one);
    assert_eq!(site.records(), of_one);
    let left = fs::read_dir(site.path("data")).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = names.filter(|name| name.contains("gen-")).collect();
    assert_eq!(left.len(), 2, "the generation in force and the one before: {left:?}");
    println!("seed {seed}: {published} of the killed compiles had published");
}
