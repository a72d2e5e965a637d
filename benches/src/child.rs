//! A child process, its time and its peak memory.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often the peak is looked at. It only grows, so what the last look misses is its last growth.
const LOOK: Duration = Duration::from_millis(10);

/// What a child did.
#[derive(Debug)]
pub struct Ran {
    /// From start to end.
    pub took: Duration,
    /// The most memory it ever had in bytes (`VmHWM`), where the system tells.
    pub peak: Option<u64>,
    /// What it printed.
    pub output: String,
}

/// Runs a program to its end.
///
/// # Errors
///
/// When it cannot be started, or fails: with the end of what it said.
pub fn run(program: &Path, arguments: &[&OsStr]) -> Result<Ran> {
    let (mut output, mut errors) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(errors.try_clone()?)
        .spawn()
        .with_context(|| format!("{}: cannot be started", program.display()))?;
    let status_file = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = None;
    let status = loop {
        peak = peak.max(high_water(&status_file));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    let took = start.elapsed();
    if !status.success() {
        let said = text(&mut errors)?;
        let last = said.lines().rev().take(3).collect::<Vec<_>>();
        bail!(
            "{} failed: {}",
            program.file_name().unwrap_or_default().display(),
            last.into_iter().rev().collect::<Vec<_>>().join("; ")
        );
    }
    Ok(Ran { took, peak, output: text(&mut output)? })
}

/// The program `chofuku` beside the one that runs.
pub fn beside(name: &str) -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    // Test programs lie one folder deeper.
    let folders = own.ancestors().skip(1).take(2);
    folders.map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn high_water(status: &Path) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}

fn text(file: &mut File) -> Result<String> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_tells_what_it_printed_and_why_it_failed() {
        let shell = Path::new("/bin/sh");
        let run = |script: &str| run(shell, &["-c".as_ref(), script.as_ref()]);
        assert_eq!(run("echo one").unwrap().output, "one\n");
        let failure = run("echo why >&2; exit 3").unwrap_err().to_string();
        assert!(failure.contains("why"), "{failure}");
    }
}
