//! The demo's tables and a synthetic history, compiled once for a bench.

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::sync::Arc;

use chofuku_datasets::{Identity, demo, demo_history, story};
use chofuku_engine::check::{Actor, ActorKind, Consent, NewLine, OwnInstitution, Request};
use chofuku_engine::patient::{self, IdentityKey};
use chofuku_engine::period::Form;
use chofuku_engine::policy::Policy;
use chofuku_engine::{Day, Index, generation};
use chofuku_loader::Compile;
use chofuku_loader::progress::Silent;
use jiff::civil::Date;
use serde_json::Value;
use tempfile::TempDir;

/// An opened demo. The directory goes when it does.
#[derive(Debug)]
pub struct Demo {
    /// The generation.
    pub index: Arc<Index>,
    /// The key of its patients.
    pub key: IdentityKey,
    /// Story requests, by name.
    pub stories: Vec<story::Story>,
    /// The day on which the demo takes place.
    pub today: Date,
    _directory: TempDir,
}

impl Demo {
    /// Writes, compiles and opens a demo of so many generated patients.
    ///
    /// # Errors
    ///
    /// When a file cannot be written or the demo does not compile.
    pub fn of(patients: u32) -> Result<Self, Box<dyn Error>> {
        let today = jiff::civil::date(2026, 11, 22);
        let directory = tempfile::tempdir()?;
        let tables = directory.path().join("tables");
        fs::create_dir(&tables)?;
        demo::write_tables(&tables)?;
        let history = directory.path().join("history.csv");
        let options = demo_history::Options { seed: 1, patients, today };
        demo_history::write(BufWriter::new(File::create(&history)?), &options)?;
        let data = directory.path().join("data");
        let compile =
            Compile { tables, history: vec![history], data: data.clone(), ..Compile::default() };
        compile.run("2026-11-22T00:00:00Z", &Silent)?;
        let (index, key) = generation::open_with_key(&data)?;
        let index = Arc::new(index);
        Ok(Self { index, key, stories: story::stories(today), today, _directory: directory })
    }

    /// The request of a story, as the engine takes it, under a consent.
    ///
    /// # Errors
    ///
    /// When there is no such story, or its request is not what the bench expects.
    pub fn request<'d>(
        &'d self,
        name: &str,
        consent: Consent,
    ) -> Result<Request<'d>, Box<dyn Error>> {
        let story = self.stories.iter().find(|story| story.name == name).ok_or("no such story")?;
        let body = &story.request;
        let lines = body.get("lines").and_then(Value::as_array).ok_or("no lines")?;
        let actor = body.get("actor").map(actor).transpose()?;
        Ok(Request {
            patient: patient_of(&self.key, &story.patient)?,
            as_of: Day::from(self.today),
            actor,
            own_institution: OwnInstitution::Exclude,
            consent,
            source_documents: Vec::new(),
            policy: &Policy::OFFICIAL,
            lines: lines.iter().map(line).collect::<Result<_, _>>()?,
        })
    }
}

fn patient_of(
    key: &IdentityKey,
    identity: &Identity,
) -> Result<patient::PatientKey, patient::IdentityError> {
    key.patient(patient::Identity::Insured {
        insurer: &identity.insurer,
        symbol: &identity.symbol,
        number: &identity.number,
        branch: &identity.branch,
    })
}

fn text<'v>(value: &'v Value, pointer: &str) -> Result<&'v str, Box<dyn Error>> {
    value.pointer(pointer).and_then(Value::as_str).ok_or_else(|| format!("no {pointer}").into())
}

fn actor(value: &Value) -> Result<Actor<'_>, Box<dyn Error>> {
    let kind = match text(value, "/kind")? {
        "pharmacy" => ActorKind::Pharmacy,
        _ => ActorKind::MedicalInstitution,
    };
    Ok(Actor { kind, code: text(value, "/code")? })
}

fn line(value: &Value) -> Result<NewLine<'_>, Box<dyn Error>> {
    let number = |field: &str| value.get(field).and_then(Value::as_u64).ok_or("no number");
    let form = u8::try_from(number("form")?)?;
    Ok(NewLine {
        rp: u32::try_from(number("rp")?)?,
        system: text(value, "/drug/system")?.parse()?,
        code: text(value, "/drug/code")?,
        name: text(value, "/drug/name").ok(),
        form: Form::from_number(form).ok_or("no such form")?,
    })
}
