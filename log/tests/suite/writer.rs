//! A writer in a process of its own: this program once more, told by its environment what to do.
//!
//! It writes a line for each thing that happened: `acknowledged N`, `failed …`, `done`.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use chofuku_log::{EventLog, LogError, RedbLog};
use redb::StorageBackend;
use redb::backends::FileBackend;

use crate::events::SHARD;

const PATH: &str = "CHOFUKU_LOG_TEST_PATH";
const MODE: &str = "CHOFUKU_LOG_TEST_MODE";
/// The user that may do nothing, on every system.
const NOBODY: u32 = 65534;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    /// One batch.
    Once,
    /// So many batches.
    Rounds(u32),
    /// Batches until something fails or the process is killed.
    Endless,
    /// The same without ever syncing.
    EndlessUnsynced,
}

impl Mode {
    fn name(self) -> String {
        match self {
            Self::Once => "1".to_owned(),
            Self::Rounds(rounds) => rounds.to_string(),
            Self::Endless => "endless".to_owned(),
            Self::EndlessUnsynced => "unsynced".to_owned(),
        }
    }
}

/// No test of its own: what [`start`] runs. Without its environment there is nothing to do.
#[test]
fn process() {
    let (Some(path), Ok(mode)) = (env::var_os(PATH), env::var(MODE)) else { return };
    let path = PathBuf::from(path);
    // The harness has written half a line.
    println!();
    let opened = if mode == "unsynced" {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path);
        RedbLog::open_backend(Unsynced(FileBackend::new(file.unwrap()).unwrap()), &[])
    } else {
        RedbLog::open(&path, &[])
    };
    let mut log = match opened {
        Ok(log) => log,
        Err(error) => return println!("failed {error:?}"),
    };
    write(&mut log, mode.parse().unwrap_or(u32::MAX));
}

fn write(log: &mut RedbLog, rounds: u32) {
    let mut tail = log.tail(SHARD).unwrap();
    for round in 0..rounds {
        let count = u64::from(1 + round % 7);
        let batch = crate::events::batch(tail.sequence + 1, count);
        match log.append(SHARD, tail.sequence, &batch) {
            Ok(appended) => tail = appended,
            Err(error) => {
                println!("failed append {error:?}");
                let again = log.append(SHARD, tail.sequence, &batch);
                let trimmed = log.trim(SHARD, 1);
                if matches!(again, Err(LogError::Poisoned { .. }))
                    && matches!(trimmed, Err(LogError::Poisoned { .. }))
                {
                    println!("stays poisoned");
                }
                return;
            }
        }
        println!("acknowledged {}", tail.sequence);
        if round % 11 == 10 {
            // What is trimmed was acknowledged and stays so.
            if let Err(error) = log.trim(SHARD, tail.sequence / 2) {
                return println!("failed trim {error:?}");
            }
        }
    }
    println!("done");
}

/// The file without its syncs.
#[derive(Debug)]
struct Unsynced(FileBackend);

impl StorageBackend for Unsynced {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}

/// A writer that runs. It is killed where a test ends before it.
pub(crate) struct Writer {
    child: Child,
    output: BufReader<ChildStdout>,
    lines: Vec<String>,
}

pub(crate) fn start(path: &Path, mode: Mode) -> Writer {
    let program = env::current_exe().unwrap();
    spawn(Command::new(program), path, mode).unwrap()
}

/// The same under a program that takes a command at the end of its arguments.
pub(crate) fn start_under(mut program: Command, path: &Path, mode: Mode) -> Writer {
    program.arg(env::current_exe().unwrap());
    spawn(program, path, mode).unwrap()
}

/// The same as a user without rights; none where such a user cannot run this program.
pub(crate) fn start_as_nobody(path: &Path) -> Option<Writer> {
    let mut program = Command::new(env::current_exe().unwrap());
    program.uid(NOBODY).gid(NOBODY);
    spawn(program, path, Mode::Once).ok()
}

fn spawn(mut command: Command, path: &Path, mode: Mode) -> io::Result<Writer> {
    command.args(["writer::process", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(PATH, path).env(MODE, mode.name());
    // What redb panics with, or a harness that was killed, is not for whoever reads the test.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let output = BufReader::new(child.stdout.take().unwrap());
    Ok(Writer { child, output, lines: Vec::new() })
}

impl Writer {
    /// Waits until the writer has acknowledged so many batches more, or has ended.
    pub(crate) fn wait_for(&mut self, acknowledgements: usize) {
        let mut left = acknowledgements;
        while left > 0 && self.next_line() {
            left -= usize::from(self.lines.last().is_some_and(|line| is_acknowledgement(line)));
        }
    }

    /// Kills the writer, and gives every line that it had written.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.rest()
    }

    /// Every line of a writer that ends by itself.
    pub(crate) fn lines(mut self) -> Vec<String> {
        self.rest()
    }

    fn rest(&mut self) -> Vec<String> {
        while self.next_line() {}
        self.child.wait().unwrap();
        std::mem::take(&mut self.lines)
    }

    /// Reads a line, if a whole one comes.
    fn next_line(&mut self) -> bool {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let whole = line.strip_suffix('\n').map(str::to_owned);
        let comes = whole.is_some();
        self.lines.extend(whole);
        comes
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Both fail where it has ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn is_acknowledgement(line: &str) -> bool {
    line.starts_with("acknowledged ")
}

/// The last event that was acknowledged.
pub(crate) fn acknowledged(lines: &[String]) -> u64 {
    let numbers = lines.iter().filter_map(|line| line.strip_prefix("acknowledged "));
    numbers.map(|number| number.parse().unwrap()).max().unwrap_or(0)
}
