//! Progress bars on standard error, when a person looks at it.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

use chofuku_loader::progress::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// One bar for the current stage; draws nothing where standard error is no terminal.
#[derive(Debug, Default)]
pub(crate) struct Bars(Mutex<Option<ProgressBar>>);

impl Bars {
    fn replace(&self, bar: Option<ProgressBar>) {
        let mut current = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(before) = current.take() {
            before.finish_and_clear();
        }
        *current = bar;
    }
}

impl Progress for Bars {
    fn stage(&self, name: &str, total: Option<u64>) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let (bar, template) = match total {
            Some(total) => (
                ProgressBar::new(total),
                "{msg:14} [{bar:30}] {human_pos}/{human_len} {per_sec} {eta}",
            ),
            None => (ProgressBar::new_spinner(), "{msg:14} {spinner} {human_pos} {per_sec}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        self.replace(Some(bar));
    }

    fn advance(&self, steps: u64) {
        let current = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bar) = current.as_ref() {
            bar.inc(steps);
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.replace(None);
    }
}
