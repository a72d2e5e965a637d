//! How far long work is, on standard error: a bar for a person, now and then a line for a log.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chofuku_loader::progress::{Progress, Unit};
use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use crate::output::Output;

/// Where nobody looks at a bar, a stage says how far it is this often.
const SECONDS_BETWEEN_LINES: u64 = 20;

/// The current stage.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    stage: Mutex<Option<Stage>>,
    /// Steps of the current stage.
    done: AtomicU64,
}

#[derive(Debug)]
struct Stage {
    name: String,
    unit: Unit,
    total: Option<u64>,
    begun: Instant,
    /// What a person looks at; `None` where standard error is no terminal.
    bar: Option<ProgressBar>,
    lines: u64,
}

impl Bars {
    fn replace(&self, stage: Option<Stage>) {
        let mut current = self.lock();
        if let Some(bar) = current.take().and_then(|before| before.bar) {
            bar.finish_and_clear();
        }
        self.done.store(0, Ordering::Relaxed);
        *current = stage;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Stage>> {
        self.stage.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Stage {
    fn bar(name: &str, unit: Unit, total: Option<u64>) -> ProgressBar {
        let (done, of, rate) = match unit {
            Unit::Bytes => ("{bytes}", "{total_bytes}", "{bytes_per_sec}"),
            Unit::Rows => ("{human_pos}", "{human_len}", "{per_sec}"),
        };
        let (bar, template) = match total {
            Some(total) => (
                ProgressBar::new(total),
                format!("{{msg:10}} [{{bar:30}}] {done}/{of} {rate}, {{eta}} left"),
            ),
            None => (ProgressBar::new_spinner(), format!("{{msg:10}} {{spinner}} {done} {rate}")),
        };
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        bar.set_message(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }

    /// A line of a log, if it is time for one.
    fn line(&mut self, done: u64) -> Option<String> {
        let elapsed = self.begun.elapsed();
        if elapsed.as_secs() / SECONDS_BETWEEN_LINES <= self.lines {
            return None;
        }
        self.lines = elapsed.as_secs() / SECONDS_BETWEEN_LINES;
        let shown = |steps: u64| match self.unit {
            Unit::Bytes => HumanBytes(steps).to_string(),
            Unit::Rows => HumanCount(steps).to_string(),
        };
        let rate = done / elapsed.as_secs().max(1);
        let left = self.total.map(|total| {
            let left = Duration::from_secs(total.saturating_sub(done) / rate.max(1));
            format!(" of {}, about {} left", shown(total), HumanDuration(left))
        });
        let (name, left) = (&self.name, left.unwrap_or_default());
        Some(format!("{name}: {}{left}, {} a second", shown(done), shown(rate)))
    }
}

impl Progress for Bars {
    fn stage(&self, name: &str, unit: Unit, total: Option<u64>) {
        let is_terminal = std::io::stderr().is_terminal();
        self.replace(Some(Stage {
            name: name.to_owned(),
            unit,
            total,
            begun: Instant::now(),
            bar: is_terminal.then(|| Stage::bar(name, unit, total)),
            lines: 0,
        }));
    }

    fn advance(&self, steps: u64) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        if let Some(stage) = self.lock().as_mut() {
            if let Some(bar) = &stage.bar {
                bar.inc(steps);
            } else if let Some(line) = stage.line(done) {
                Output::note(format_args!("{line}"));
            }
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.replace(None);
    }
}
