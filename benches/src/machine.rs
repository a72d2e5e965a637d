//! What a record says of the machine and the commit that it was measured on.

use std::fs;
use std::process::Command;

use crate::stats;

/// The machine and the commit.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The processor as it names itself.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Memory in bytes; 0 where the system does not tell.
    pub memory: u64,
    /// The commit, with a mark if files differ from it.
    pub commit: String,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        let cpu = value("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
        let memory = value("/proc/meminfo", "MemTotal").and_then(|text| {
            let kib: u64 = text.trim_end_matches("kB").trim().parse().ok()?;
            Some(kib * 1024)
        });
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { cpu, cores, memory: memory.unwrap_or(0), commit: commit() }
    }

    /// In one line.
    pub fn line(&self) -> String {
        format!("{}, {} cores, {} memory", self.cpu, self.cores, stats::bytes(self.memory))
    }
}

fn value(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(found, _)| found.trim() == name).map(|(_, value)| value.trim().to_owned())
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=10", "HEAD"]) else {
        return "unknown".to_owned();
    };
    match git(&["status", "--porcelain", "--untracked-files=no"]).as_deref() {
        Some("") => commit,
        _ => format!("{commit} with changes"),
    }
}
