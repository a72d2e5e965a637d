//! Work that nobody waits for, beside requests.

use std::num::NonZero;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// How far behind requests background work stands (`nice`).
const BEHIND: i32 = 15;

/// Threads for such work: half of the cores, and requests come first on those.
///
/// # Errors
///
/// When the system gives no threads.
pub fn in_the_background() -> Result<ThreadPool, ThreadPoolBuildError> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    ThreadPoolBuilder::new()
        .num_threads((cores / 2).max(1))
        .thread_name(|_| "background".to_owned())
        .start_handler(|_| {
            // Of this thread alone, as Linux has it.
            if let Err(error) = rustix::process::nice(BEHIND) {
                tracing::debug!(%error, "background work stands beside requests, not behind them");
            }
        })
        .build()
}
