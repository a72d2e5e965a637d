//! What a person is greeted with: where everything is, and what is in force.
//!
//! Where nobody looks, that is where standard output is no terminal, it is one line for a log or a
//! script, which ends with the address.

use std::io::IsTerminal;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use chofuku_live::Live;
use chofuku_live::backup::LOG;
use chofuku_server::Config;

use crate::command::thousands;
use crate::output::{Output, heading, link};

/// Where everything is, by what it is.
const PLACES: [(&str, &str); 5] = [
    ("Console", "/"),
    ("Interface", "/docs"),
    ("OpenAPI", "/openapi.json"),
    ("CDS Hooks", "/cds-services"),
    ("Metrics", "/metrics"),
];

/// What a server is about to serve.
#[derive(Debug)]
pub(crate) struct Greeting {
    generation: u64,
    patients: u64,
    /// What is in force, each with its name.
    facts: Vec<(&'static str, String)>,
}

impl Greeting {
    pub(crate) fn of(config: &Config, live: &Live) -> Self {
        let index = live.index();
        let (generation, tables) = (index.manifest().generation, index.knowledge().tables());
        let history = index.history().dictionary();
        let mut facts = Vec::new();
        if let Some(data) = &config.data {
            facts.push(("Data", data.display().to_string()));
        }
        facts.push((
            "Generation",
            format!(
                "{generation}: {} patients, {} records, event {}",
                thousands(history.patients()),
                thousands(history.records()),
                thousands(live.event()),
            ),
        ));
        let revisions = (&tables.drugs_revision, &tables.rules_revision);
        facts.push(("Tables", format!("drugs {}, rules {}", revisions.0, revisions.1)));
        facts.push(("Policies", config.policies.names().join(", ")));
        let log = config.data.as_ref().map(|data| data.join(LOG).display().to_string());
        let registration = match (log, config.require_acknowledgement) {
            (Some(log), false) => format!("on, durable in {log}"),
            (Some(log), true) => format!("on, durable in {log}; findings must be acknowledged"),
            (None, _) => "off".to_owned(),
        };
        facts.push(("Registration", registration));
        let compaction = config.compact_at.map_or_else(
            || "by call: POST /v1/admin/compact".to_owned(),
            |time| format!("every day at {}, Japan time", time.strftime("%H:%M")),
        );
        facts.push(("Compaction", compaction));
        if let Some(backups) = &config.backups {
            facts.push(("Backups", format!("{}, by POST /v1/admin/backup", backups.display())));
        }
        Self { generation, patients: history.patients(), facts }
    }

    /// Says that `chofuku serve` answers.
    pub(crate) fn serving(&self, address: SocketAddr) -> std::io::Result<()> {
        tracing::info!(%address, generation = self.generation, patients = self.patients, "serving");
        if !std::io::stdout().is_terminal() {
            return Output::line(format_args!(
                "chofuku {} serves generation {} ({} patients) on http://{address}",
                env!("CARGO_PKG_VERSION"),
                self.generation,
                thousands(self.patients),
            ));
        }
        self.tell(address)?;
        Output::styled(format_args!(
            "\n{} open {} in a browser. Ctrl-C stops the server.",
            heading("Next:"),
            link(&url(address, "/"))
        ))
    }

    /// Says where everything is and what is in force.
    pub(crate) fn tell(&self, address: SocketAddr) -> std::io::Result<()> {
        let title = format!("chofuku 重複 {}", env!("CARGO_PKG_VERSION"));
        Output::styled(format_args!("{}\n", heading(&title)))?;
        for (name, path) in PLACES {
            Output::styled(format_args!("  {name:<13} {}", link(&url(address, path))))?;
        }
        Output::line("")?;
        for (name, fact) in &self.facts {
            Output::line(format_args!("  {name:<13} {fact}"))?;
        }
        Output::line(
            "\n  No TLS and no authentication: keep it on this machine, or behind something that \
             has them.",
        )
    }
}

/// An address that a browser on this machine can open.
pub(crate) fn url(address: SocketAddr, path: &str) -> String {
    let ip =
        if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    format!("http://{}{path}", SocketAddr::new(ip, address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_can_be_opened_on_this_machine() {
        let url_of = |address: &str| url(address.parse().unwrap(), "/docs");
        assert_eq!(url_of("0.0.0.0:8080"), "http://127.0.0.1:8080/docs");
        assert_eq!(url_of("[::1]:80"), "http://[::1]:80/docs");
        assert_eq!(url_of("10.0.0.7:8080"), "http://10.0.0.7:8080/docs");
    }
}
