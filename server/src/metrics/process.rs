//! What the system says of this process: memory, processor time, open files. Linux only; elsewhere the
//! metrics of the process are left out.

use std::fs;

use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

/// The process at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Process {
    pub(crate) cpu_seconds: f64,
    pub(crate) resident_bytes: u64,
    pub(crate) virtual_bytes: u64,
    pub(crate) threads: u64,
    pub(crate) open_fds: Option<u64>,
    pub(crate) max_fds: Option<u64>,
    /// When it started, in seconds since 1970.
    pub(crate) started_seconds: Option<f64>,
}

impl Process {
    /// This process now.
    pub(crate) fn now() -> Option<Self> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let ticks = clock_ticks_per_second();
        let page = u64::try_from(page_size()).ok()?;
        let (mut process, started) = of_stat(&stat, ticks, page)?;
        let entries = fs::read_dir("/proc/self/fd").ok();
        // The list itself is open while it is read.
        process.open_fds = entries.and_then(|fds| u64::try_from(fds.count()).ok()?.checked_sub(1));
        process.max_fds = getrlimit(Resource::Nofile).current;
        let booted = fs::read_to_string("/proc/stat").ok().and_then(|stat| booted(&stat));
        process.started_seconds = booted.map(|booted| booted + started);
        Some(process)
    }
}

/// What `/proc/self/stat` says, and when the process started, in seconds after the system.
fn of_stat(stat: &str, ticks: u64, page: u64) -> Option<(Process, f64)> {
    // The name of the program stands in parentheses and may hold anything.
    let (_, behind) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = behind.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number)?.parse::<u64>().ok();
    let seconds = |number: usize| {
        let micros = field(number)?.checked_mul(1_000_000)?.checked_div(ticks)?;
        Some(std::time::Duration::from_micros(micros).as_secs_f64())
    };
    let process = Process {
        cpu_seconds: seconds(11)? + seconds(12)?,
        threads: field(17)?,
        virtual_bytes: field(20)?,
        resident_bytes: field(21)?.checked_mul(page)?,
        ..Process::default()
    };
    Some((process, seconds(19)?))
}

/// When the system started, in seconds since 1970.
fn booted(stat: &str) -> Option<f64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
    Some(std::time::Duration::from_secs(line.trim().parse().ok()?).as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_moves_no_field() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 9 0 1200 4096000 300 \
                    18446744073709551615";
        let (process, started) = of_stat(stat, 100, 4096).unwrap();
        let expected = Process {
            cpu_seconds: 3.0,
            threads: 9,
            virtual_bytes: 4_096_000,
            resident_bytes: 300 * 4096,
            ..Process::default()
        };
        assert_eq!((process, started), (expected, 12.0));
        assert_eq!(of_stat("7 (a) S", 100, 4096), None);
        assert_eq!(booted("cpu 1 2\nbtime 1700000000\n"), Some(1_700_000_000.0));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_memory_and_files() {
        let process = Process::now().unwrap();
        assert!(process.resident_bytes > 0 && process.threads > 0, "{process:?}");
        assert!(process.open_fds > Some(0) && process.started_seconds > Some(0.0), "{process:?}");
    }
}
