//! The peak of a nation for minutes on end: registrations and checks at a steady pace against the real
//! server, which compacts now and then, while its memory is looked at.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::client::{self, Load, Outcome};
use crate::engine;
use crate::record::{Part, Row, at_least, at_most};
use crate::run::Bench;
use crate::stats::{Times, length, thousands, time};

/// What is asked of the server.
#[derive(Clone, Copy, Debug)]
pub struct Soak {
    /// For how long.
    pub lasts: Duration,
    /// Registrations a second.
    pub registrations: u32,
    /// Checks a second.
    pub checks: u32,
    /// The time between two compactions.
    pub compact_every: Duration,
}

/// Connections of each kind; each sends when its turn is due.
const CONNECTIONS: u32 = 20;
/// How often memory is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Memory of the last third against that of the first, both as the highest that they had.
const GROWTH_MAX: f64 = 1.1;
/// Requests that must be answered, of all that were due.
const ANSWERED_MIN: f64 = 0.99;

/// A server in a process of its own.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(program: &Path, data: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{}: cannot be started", program.display()))?;
        let output = child.stdout.take().context("no output")?;
        let mut errors = child.stderr.take().context("no errors")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let Some((_, address)) = line.trim().split_once("http://") else {
            let mut why = String::new();
            errors.read_to_string(&mut why)?;
            bail!("the server does not start: {line}{why}");
        };
        // Logs are read, so that the server never waits for somebody to do so.
        thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        Ok(Self { address: address.parse()?, child })
    }

    /// Memory of its own: neither mapped files nor what is shared.
    fn memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kib * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// When a compaction ran.
type Compactions = Vec<(Instant, Instant)>;

impl Soak {
    /// Runs it.
    ///
    /// # Errors
    ///
    /// When the server cannot be started, ends, or a compaction fails.
    pub fn run(&self, bench: &Bench) -> Result<Part> {
        let program = bench.chofuku().context("no program `chofuku` to run")?;
        let server = Server::start(&program, &bench.data)?;
        let seconds = u32::try_from(self.lasts.as_secs())?;
        let documents = usize::try_from(self.registrations * (seconds + 1))?;
        let bodies = bench.checks.iter().cycle().take(documents).enumerate();
        let bodies = bodies.map(|(number, check)| {
            client::request_to("/v1/documents", &engine::document(check, number, bench.today))
        });
        let bodies: Arc<[Vec<u8>]> = bodies.collect();
        let checks = bench.singles().iter().map(|check| engine::body(check, bench.today));
        let checks: Arc<[Vec<u8>]> = checks.map(|body| client::request(&body)).collect();
        let load = |a_second: u32| Load {
            pace: Some(Duration::from_secs(1) * CONNECTIONS / a_second.max(1)),
            ..Load::of(usize::try_from(CONNECTIONS).unwrap_or(1), self.lasts)
        };
        let registering = Load { once: true, status: 201, ..load(self.registrations) };
        let checking = load(self.checks);
        let address = server.address;
        let idle = Load { lasts: Duration::from_secs(5), ..checking };
        let idle = client::drive(address, &checks, idle)?;
        let over = AtomicBool::new(false);
        let (registered, checked, compactions, memory) = thread::scope(|scope| {
            let registered = scope.spawn(|| client::drive(address, &bodies, registering));
            let checked = scope.spawn(|| client::drive(address, &checks, checking));
            let compacted = scope.spawn(|| compact(address, self.compact_every, &over));
            let looked = scope.spawn(|| look(&server, &over));
            let broke = |_| anyhow!("a client broke");
            let registered = registered.join().map_err(broke)?;
            let checked = checked.join().map_err(broke)?;
            over.store(true, Ordering::Relaxed);
            let compacted = compacted.join().map_err(broke)?;
            let memory = looked.join().map_err(broke)?;
            Ok::<_, anyhow::Error>((registered?, checked?, compacted?, memory))
        })?;
        drop(server);
        let durable = durable(&program, bench)?;
        self.part(&Seen { registered, checked, idle, compactions, memory, durable })
    }

    fn part(&self, seen: &Seen) -> Result<Part> {
        let Seen { registered, checked, memory, durable, .. } = seen;
        let answered = length(registered.answered.len());
        if length(usize::try_from(*durable)?) < answered {
            bail!("{answered} registrations were answered, the server knows {durable} events");
        }
        let due = |a_second: u32| f64::from(a_second) * self.lasts.as_secs_f64();
        let kinds =
            [("registrations", registered, self.registrations), ("checks", checked, self.checks)];
        let mut rows: Vec<Row> = kinds
            .iter()
            .map(|(kind, outcome, a_second)| {
                let answered = length(outcome.answered.len());
                let share = answered / due(*a_second);
                Row {
                    target: format!("soak {kind}"),
                    ours: format!("{answered:.0} answered, {} failed", outcome.failed),
                    beside: format!("{:.0} due", due(*a_second)),
                    ratio: format!("{share:.3} ×"),
                    limit: format!("≥ {ANSWERED_MIN} ×, 0 failed"),
                    verdict: if outcome.failed == 0 {
                        at_least(share, ANSWERED_MIN, false)
                    } else {
                        at_most(length(usize::try_from(outcome.failed).unwrap_or(1)), 0.5, false)
                    },
                }
            })
            .collect();
        let third = memory.len().div_ceil(3);
        let highest = |looks: &mut dyn Iterator<Item = &u64>| looks.max().copied().unwrap_or(0);
        let first = highest(&mut memory.iter().take(third));
        let last = highest(&mut memory.iter().rev().take(third));
        let mebibytes = |bytes: u64| bytes >> 20;
        let growth = length(usize::try_from(last)?) / length(usize::try_from(first)?).max(1.0);
        rows.push(Row {
            target: "soak memory".to_owned(),
            ours: format!("{} MiB in the last third", mebibytes(last)),
            beside: format!("{} MiB in the first", mebibytes(first)),
            ratio: format!("{growth:.2} ×"),
            limit: format!("≤ {GROWTH_MAX} ×"),
            verdict: at_most(growth, GROWTH_MAX, false),
        });
        Ok(Part { rows, notes: self.notes(seen), ..Part::default() })
    }

    fn notes(&self, seen: &Seen) -> Vec<String> {
        let Seen { registered, checked, idle, compactions, .. } = seen;
        let took: Vec<Duration> = compactions.iter().map(|(start, end)| *end - *start).collect();
        let during = |outcome: &Outcome, inside: bool| {
            let answered = outcome.answered.iter().filter(|(at, took)| {
                let overlaps =
                    compactions.iter().any(|(start, end)| *at <= *end && *at + *took >= *start);
                overlaps == inside
            });
            let times = Times::new(answered.map(|(_, took)| *took).collect());
            format!("{} median, {} p99", time(times.median()), time(times.p99()))
        };
        let mut notes = vec![
            format!(
                "{} s against `chofuku serve`; memory is what the process has of its own (RssAnon), \
                 looked at every second; all {} answered registrations are there after a kill and a \
                 restart",
                self.lasts.as_secs(),
                thousands(u64::try_from(registered.answered.len()).unwrap_or(0)),
            ),
            format!(
                "{} compactions under load, {} each at the median; checks meanwhile {}, between them \
                 {}, alone {}; registrations meanwhile {}, between them {}",
                compactions.len(),
                time(Times::new(took).median()),
                during(checked, true),
                during(checked, false),
                during(idle, false),
                during(registered, true),
                during(registered, false),
            ),
        ];
        let refusals = [registered, checked].into_iter();
        notes.extend(refusals.filter_map(|outcome| outcome.refusal.clone()));
        notes
    }
}

struct Seen {
    registered: Outcome,
    checked: Outcome,
    idle: Outcome,
    compactions: Compactions,
    memory: Vec<u64>,
    durable: u64,
}

/// Compacts again and again until it is over.
fn compact(address: SocketAddr, every: Duration, over: &AtomicBool) -> Result<Compactions> {
    let mut compactions = Compactions::new();
    let mut due = Instant::now() + every;
    let request: Arc<[Vec<u8>]> = vec![client::request_to("/v1/admin/compact", "")].into();
    while !over.load(Ordering::Relaxed) {
        thread::sleep(LOOK / 10);
        let start = Instant::now();
        if due > start {
            continue;
        }
        let once = Load { once: true, ..Load::of(1, Duration::from_mins(10)) };
        let outcome = client::drive(address, &request, once)?;
        if let Some(refusal) = outcome.refusal {
            bail!("a compaction failed: {refusal}");
        }
        compactions.push((start, Instant::now()));
        due = start + every;
    }
    Ok(compactions)
}

/// The server's memory, second by second.
fn look(server: &Server, over: &AtomicBool) -> Vec<u64> {
    let mut seen = Vec::new();
    while !over.load(Ordering::Relaxed) {
        seen.extend(server.memory());
        thread::sleep(LOOK);
    }
    seen
}

/// The last event that a server knows which starts after the first was killed.
fn durable(program: &Path, bench: &Bench) -> Result<u64> {
    let server = Server::start(program, &bench.data)?;
    let mut stream = std::net::TcpStream::connect(server.address)?;
    let request = "GET /v1/status HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n";
    std::io::Write::write_all(&mut stream, request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    let status: serde_json::Value = serde_json::from_str(body)?;
    status.get("event").and_then(serde_json::Value::as_u64).context("a status without its event")
}
