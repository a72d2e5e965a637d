//! `GET /metrics`: everything that is counted, and what is looked up when somebody asks, as Prometheus or
//! `OpenMetrics` text. The one place where metrics get their names.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use chofuku_engine::Index;
use chofuku_live::backup::LOG;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, MetricEncoder, NoLabelSet,
    prometheus_text, text,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use super::histogram::{Counts, Histogram};
use super::process::Process;
use super::{Counter, FEEDBACK, INDICATORS, OUTCOMES, REASONS};
use crate::state::State;

/// The type of `OpenMetrics` text.
pub(crate) const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The type of Prometheus text.
pub(crate) const PROMETHEUS: &str = prometheus_text::CONTENT_TYPE;

/// The page.
///
/// # Errors
///
/// When it cannot be written, which no state makes happen.
pub(crate) fn page(state: &Arc<State>, open_metrics: bool) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Scrape(Arc::clone(state))));
    let mut page = String::new();
    if open_metrics {
        text::encode(&mut page, &registry)?;
    } else {
        prometheus_text::encode(&mut page, &registry)?;
    }
    Ok(page)
}

/// What one page is made from.
#[derive(Debug)]
struct Scrape(Arc<State>);

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        self.requests(&mut page)?;
        self.checks(&mut page)?;
        self.cards(&mut page)?;
        self.data(&mut page)?;
        process(&mut page)
    }
}

impl Scrape {
    fn requests(&self, page: &mut Page<'_>) -> fmt::Result {
        let metrics = &self.0.metrics;
        let help = "Requests answered, by call and HTTP status";
        let mut family = page.family("chofuku_requests", help, None, MetricType::Counter)?;
        for (call, calls) in metrics.calls.all() {
            for (status, count) in calls.answered.all() {
                if count.get() > 0 {
                    let labels = [("call", call.word()), ("status", status.word())];
                    one_count(&mut family, &labels, count.get())?;
                }
            }
        }
        let help = "From the head of a request to the head of its answer, by call";
        let kind = MetricType::Histogram;
        let mut family =
            page.family("chofuku_request_duration", help, Some(&Unit::Seconds), kind)?;
        for (call, calls) in metrics.calls.all() {
            if calls.took.counts().count > 0 {
                let labels = [("call", call.word())];
                one_histogram(&mut family.encode_family(&labels.as_slice())?, &calls.took)?;
            }
        }
        let help = "Requests whose answers are not finished, this one too";
        page.gauge("chofuku_requests_in_flight", help, None, &metrics.in_flight())
    }

    fn checks(&self, page: &mut Page<'_>) -> fmt::Result {
        let metrics = &self.0.metrics;
        let help = "What the engine took for a check, without reading the request and writing the \
                    answer";
        let unit = Some(&Unit::Seconds);
        let mut one = page.family("chofuku_check_duration", help, unit, MetricType::Histogram)?;
        one_histogram(&mut one, &metrics.check)?;
        let help = "Checks, by outcome";
        page.counts("chofuku_checks", help, "outcome", &OUTCOMES, &metrics.outcomes)?;
        let help = "Findings as they were told, by kind and scope";
        let mut family = page.family("chofuku_findings", help, None, MetricType::Counter)?;
        for (found, count) in metrics.findings.all() {
            let labels = [("kind", found.word()), ("scope", found.scope())];
            one_count(&mut family, &labels, count.get())?;
        }
        let help = "New lines that were not checked, by reason";
        page.counts("chofuku_not_checked", help, "reason", &REASONS, &metrics.not_checked)
    }

    fn cards(&self, page: &mut Page<'_>) -> fmt::Result {
        let metrics = &self.0.metrics;
        let help = "Cards of CDS Hooks, by indicator";
        page.counts("chofuku_cards", help, "indicator", &INDICATORS, &metrics.cards)?;
        let help = "Cards left out at signing because they were shown at selection";
        page.count("chofuku_cards_repeated", help, metrics.repeats.get())?;
        let help = "Feedback to cards that was stored, by outcome";
        page.counts("chofuku_card_feedback", help, "outcome", &FEEDBACK, &metrics.feedback)
    }

    fn data(&self, page: &mut Page<'_>) -> fmt::Result {
        let (live, metrics) = (&self.0.live, &self.0.metrics);
        let (index, event, overlay) = (live.index(), live.event(), live.overlay());
        let bytes = Some(&Unit::Bytes);
        let manifest = index.manifest();
        let help = "The number of the generation in force";
        page.gauge("chofuku_generation", help, None, &manifest.generation)?;
        if let Some(age) = age_seconds(&index) {
            let help = "How long ago the generation in force was made";
            page.gauge("chofuku_generation_age", help, Some(&Unit::Seconds), &age)?;
        }
        let dictionary = index.history().dictionary();
        let help = "Patients of the generation in force";
        page.gauge("chofuku_generation_patients", help, None, &dictionary.patients())?;
        let help = "Records of the generation in force";
        page.gauge("chofuku_generation_records", help, None, &dictionary.records())?;
        let help = "Generations put in force since the start";
        page.count("chofuku_swaps", help, metrics.swaps.get())?;
        let help = "Compactions, by what became of them";
        let mut family = page.family("chofuku_compactions", help, None, MetricType::Counter)?;
        for (done, count) in metrics.compactions.all() {
            one_count(&mut family, &[("result", done.word())], count.get())?;
        }
        let help = "Events that checks see: the number of the last one";
        page.count("chofuku_events", help, event)?;
        let help = "Events that are not in the generation in force, applied beside it";
        let applied = event.saturating_sub(manifest.event);
        page.gauge("chofuku_overlay_events", help, None, &applied)?;
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let help = "Patients held in memory beside the generation";
        page.gauge("chofuku_overlay_patients", help, None, &number(overlay.patients))?;
        let help = "Documents of these patients";
        page.gauge("chofuku_overlay_documents", help, None, &number(overlay.documents))?;
        let help = "Memory of these patients";
        page.gauge("chofuku_overlay_memory", help, bytes, &number(overlay.bytes))?;
        if let Some(size) = self.log_bytes() {
            page.gauge("chofuku_event_log", "Size of the event log's file", bytes, &size)?;
        }
        let failed = self.0.registry.as_ref().is_some_and(|registry| registry.failure().is_some());
        let help = "1 once the event log has failed: nothing is registered any more";
        page.gauge("chofuku_event_log_failed", help, None, &u64::from(failed))?;
        let mut one = page.family("chofuku_build", "What runs here", None, MetricType::Info)?;
        one.encode_info(&[("version", env!("CARGO_PKG_VERSION"))])
    }

    /// Of a server that registers documents of a data directory.
    fn log_bytes(&self) -> Option<u64> {
        self.0.registry.as_ref()?;
        let file = self.0.config.data.as_ref()?.join(LOG);
        Some(std::fs::metadata(file).ok()?.len())
    }
}

fn age_seconds(index: &Index) -> Option<f64> {
    let made: jiff::Timestamp = index.manifest().made_at.parse().ok()?;
    let made = SystemTime::from(made);
    Some(SystemTime::now().duration_since(made).unwrap_or_default().as_secs_f64())
}

fn process(page: &mut Page<'_>) -> fmt::Result {
    let Some(process) = Process::now() else { return Ok(()) };
    let (seconds, bytes) = (Some(&Unit::Seconds), Some(&Unit::Bytes));
    let help = "Processor time of the process";
    let mut one = page.family("process_cpu", help, seconds, MetricType::Counter)?;
    one.encode_counter::<NoLabelSet, _, f64>(&process.cpu_seconds, None)?;
    let help = "Memory in use, mapped files of the generation included";
    page.gauge("process_resident_memory", help, bytes, &process.resident_bytes)?;
    page.gauge("process_virtual_memory", "Address space", bytes, &process.virtual_bytes)?;
    page.gauge("process_threads", "Threads", None, &process.threads)?;
    if let Some(open) = process.open_fds {
        page.gauge("process_open_fds", "Open files and sockets", None, &open)?;
    }
    if let Some(max) = process.max_fds {
        page.gauge("process_max_fds", "How many may be open", None, &max)?;
    }
    if let Some(started) = process.started_seconds {
        let help = "When the process started, in seconds since 1970";
        page.gauge("process_start_time", help, seconds, &started)?;
    }
    Ok(())
}

/// The page while it is written.
struct Page<'e>(DescriptorEncoder<'e>);

impl Page<'_> {
    fn family<'s>(
        &'s mut self,
        name: &'s str,
        help: &str,
        unit: Option<&'s Unit>,
        kind: MetricType,
    ) -> Result<MetricEncoder<'s>, fmt::Error> {
        self.0.encode_descriptor(name, help, unit, kind)
    }

    fn count(&mut self, name: &str, help: &str, count: u64) -> fmt::Result {
        let mut one = self.family(name, help, None, MetricType::Counter)?;
        counter(&mut one, &count)
    }

    /// A counter for each word.
    fn counts(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        words: &[&str],
        counts: &[Counter],
    ) -> fmt::Result {
        let mut family = self.family(name, help, None, MetricType::Counter)?;
        for (word, count) in words.iter().zip(counts) {
            one_count(&mut family, &[(label, *word)], count.get())?;
        }
        Ok(())
    }

    fn gauge(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        value: &impl EncodeGaugeValue,
    ) -> fmt::Result {
        self.family(name, help, unit, MetricType::Gauge)?.encode_gauge(value)
    }
}

fn one_count(family: &mut MetricEncoder<'_>, labels: &[(&str, &str)], count: u64) -> fmt::Result {
    counter(&mut family.encode_family(&labels)?, &count)
}

fn counter(one: &mut MetricEncoder<'_>, count: &impl EncodeCounterValue) -> fmt::Result {
    one.encode_counter::<NoLabelSet, _, u64>(count, None)
}

fn one_histogram(one: &mut MetricEncoder<'_>, histogram: &Histogram) -> fmt::Result {
    let Counts { sum_seconds, count, mut buckets } = histogram.counts();
    let within: u64 = buckets.iter().map(|(_, count)| count).sum();
    buckets.push((f64::INFINITY, count.saturating_sub(within)));
    one.encode_histogram::<NoLabelSet>(sum_seconds, count, &buckets, None)
}
