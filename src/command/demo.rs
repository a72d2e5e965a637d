//! `chofuku demo`: everything once, from demo tables to an answer, with nothing downloaded.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use chofuku_datasets::{demo, demo_history, story};
use chofuku_engine::generation;
use chofuku_server::{App, Config, Example};
use clap::Args;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::command::serve::told_to_stop;
use crate::command::{cannot_listen, explain, registry, thousands, today_in_japan};
use crate::greeting::{Greeting, url};
use crate::output::{Output, heading, link};
use crate::progress::Bars;

/// The file by which the demo knows a folder as its own.
const MARKER: &str = "DEMO";
/// Another seed would be another nation; this one is in the README.
const SEED: u64 = 1;

/// The stories that the console offers to begin with: each ends differently.
const OFFERED: [&str; 6] =
    ["two-clinics", "nitrate-tape", "compound", "many-pharmacies", "dummy-code", "other-route"];

/// Build demo tables and a synthetic history, compile, serve, and run an example check.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The folder for everything that the demo makes; a folder of anything else is refused.
    #[arg(long, value_name = "DIR", default_value = "chofuku-demo")]
    dir: PathBuf,
    /// Where to listen, as address and port; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Synthetic patients beside the story patients.
    #[arg(long, value_name = "N", default_value_t = 2000)]
    patients: u32,
    /// Stop after the example check instead of serving on.
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub(crate) fn run(self, out: Output) -> anyhow::Result<ExitCode> {
        let tables = self.dir.join("tables");
        let data = self.dir.join("data");
        // Taken first: a port that is in use must not be found out after the work.
        let port =
            TcpListener::bind(self.listen).map_err(|error| cannot_listen(self.listen, error))?;
        claim(&self.dir)?;
        out.say(format_args!(
            "Everything of this demo is in {}. Real drugs, nobody's history, not for clinical use.\n",
            self.dir.display()
        ))?;
        fs::create_dir_all(&tables)
            .with_context(|| format!("{}: cannot be made", tables.display()))?;
        demo::write_tables(&tables).context("the demo tables cannot be written")?;
        let history = self.write_history()?;
        let published = compile(tables, history, &data)?;
        let request = serde_json::to_string_pretty(&story::example_request(today_in_japan()))?;
        let request_file = self.write("request.json", &request)?;
        let (index, key) = generation::open_with_key(&data).map_err(explain)?;
        out.say(format_args!("{published}\n"))?;
        let registry = registry::open(&data, Arc::new(index))?;
        let listen = port.local_addr()?;
        let config =
            Config { listen, data: Some(data.clone()), examples: examples(), ..Config::default() };
        let greeting = Greeting::of(&config, registry.live());
        let runtime = Runtime::new().context("no threads for the server")?;
        runtime.block_on(async {
            drop(port);
            let app = App::bind_registry(config, registry, key)
                .await
                .map_err(|error| cannot_listen(listen, error))?;
            let address = app.local_addr();
            let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
            let told = told_to_stop()?;
            let serving = tokio::spawn(app.serve(async move {
                tokio::select! {
                    () = told => {}
                    _ = stopped => {}
                }
            }));
            let answer = ask(address, request).await?;
            out.value(&answer)?;
            let answer_file = self.write("answer.json", &serde_json::to_string_pretty(&answer)?)?;
            tell(&answer, &request_file, &answer_file, out)?;
            if self.once {
                drop(stop);
                serving.await?;
                out.say(format_args!(
                    "\nNext: the same with a server, a console and this data, until Ctrl-C:\n\n  \
                     chofuku serve --data {}",
                    data.display(),
                ))?;
                return Ok(ExitCode::SUCCESS);
            }
            if !out.is_json() {
                out.say("")?;
                greeting.tell(address)?;
                next(address, &request_file)?;
            }
            serving.await?;
            drop(stop);
            Output::note("stopped");
            Ok(ExitCode::SUCCESS)
        })
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let path = self.dir.join(name);
        fs::write(&path, text).with_context(|| format!("{}: cannot be written", path.display()))?;
        Ok(path)
    }

    fn write_history(&self) -> anyhow::Result<PathBuf> {
        let path = self.dir.join("history.csv");
        let file = File::create(&path)
            .with_context(|| format!("{}: cannot be written", path.display()))?;
        let options =
            demo_history::Options { seed: SEED, patients: self.patients, today: today_in_japan() };
        demo_history::write(BufWriter::new(file), &options)
            .context("the demo history cannot be written")?;
        Ok(path)
    }
}

/// Compiles, and says in a sentence what came of it.
fn compile(tables: PathBuf, history: PathBuf, data: &Path) -> anyhow::Result<String> {
    let began = Instant::now();
    let compile = chofuku_loader::Compile {
        tables,
        history: vec![history],
        data: data.to_owned(),
        ..chofuku_loader::Compile::default()
    };
    let bars = Bars::default();
    let generation = compile.run(&Timestamp::now().to_string(), &bars)?.manifest.generation;
    drop(bars);
    let index = generation::open(data).map_err(explain)?;
    let (tables, history) = (index.knowledge().tables(), index.history().dictionary());
    Ok(format!(
        "Compiled {} drugs, {} contraindications and {} synthetic patients with {} lines of \
         history\nto generation {generation} in {:.1} s.",
        tables.products.len(),
        tables.rules.len(),
        thousands(history.patients()),
        thousands(history.records()),
        began.elapsed().as_secs_f64()
    ))
}

/// The example patients of the console, in the order in which they are offered.
fn examples() -> Vec<Example> {
    let stories = story::stories(today_in_japan());
    let offered = OFFERED.iter().filter_map(|name| stories.iter().find(|told| told.name == *name));
    let example = |told: &story::Story| Example {
        name: told.name.to_owned(),
        ja: told.shows_ja().to_owned(),
        en: told.shows.to_owned(),
        request: told.request.clone(),
    };
    offered.map(example).collect()
}

/// Marks a folder as the demo's own, or refuses one that holds anything else.
fn claim(folder: &Path) -> anyhow::Result<()> {
    let marker = folder.join(MARKER);
    let is_empty = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(error).with_context(|| format!("{}: unusable", folder.display())),
    };
    ensure!(
        is_empty || marker.exists(),
        "{}: holds something that no demo made; choose another --dir",
        folder.display()
    );
    let place = || format!("{}: cannot be written", folder.display());
    fs::create_dir_all(folder).with_context(place)?;
    fs::write(marker, "Made by `chofuku demo`; everything here may be deleted.\n")
        .with_context(place)
}

/// Sends the example request as any client would.
async fn ask(address: SocketAddr, request: String) -> anyhow::Result<Value> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let request = Request::post("/v1/check")
        .header("host", address.to_string())
        .header("content-type", "application/json")
        .body(Full::<Bytes>::from(request))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    drop(sender);
    connection.await??;
    ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
    Ok(serde_json::from_slice(&body)?)
}

/// Tells the findings in words.
fn tell(
    answer: &Value,
    request_file: &Path,
    answer_file: &Path,
    out: Output,
) -> anyhow::Result<()> {
    let findings = answer.get("findings").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    out.say(format_args!(
        "A prescription of two drugs, for a patient who takes something from another clinic\n({}), \
         has {} findings:\n",
        request_file.display(),
        findings.len()
    ))?;
    for finding in findings {
        for language in ["/message/ja", "/message/en"] {
            if let Some(message) = finding.pointer(language).and_then(Value::as_str) {
                out.say(format_args!("  {message}"))?;
            }
        }
        out.say("")?;
    }
    out.say(format_args!("Every record behind them is in {}.", answer_file.display()))?;
    Ok(())
}

/// Says what to do next.
fn next(address: SocketAddr, request_file: &Path) -> anyhow::Result<()> {
    Output::styled(format_args!(
        "\n{} open {} in a browser and choose an example patient.\n\nOr ask from another terminal; \
         change the consent level, a drug code or the day in the file:\n\n  curl -s {} \\\n    \
         -H 'content-type: application/json' --data-binary @{}\n\nCtrl-C stops the server.",
        heading("Next:"),
        link(&url(address, "/")),
        url(address, "/v1/check"),
        request_file.display()
    ))?;
    Ok(())
}
