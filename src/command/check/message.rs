//! What goes with a message: the server's query parameters as flags.

use std::borrow::Cow;

use clap::Args;

use crate::command::patient::PatientArgs;

/// What a message lacks. The server says what is right: nothing is judged here.
#[derive(Debug, Args)]
#[command(next_help_heading = "With a message (not with JSON)")]
pub(crate) struct MessageArgs {
    /// The day of the check, such as 2026-11-22; today in Japan if left out.
    #[arg(long, value_name = "DAY")]
    as_of: Option<String>,
    /// The patient's consent: none, oral or full.
    #[arg(long, value_name = "LEVEL")]
    consent: Option<String>,
    /// Who took an oral consent.
    #[arg(long, value_name = "WHO")]
    recorded_by: Option<String>,
    /// Who asks: `medical_institution` or pharmacy.
    #[arg(long, value_name = "KIND")]
    actor_kind: Option<String>,
    /// Who asks: prefecture 2, point table 1, institution 7 digits.
    #[arg(long, value_name = "CODE")]
    actor_code: Option<String>,
    /// Whether records of the one who asks count: exclude or include.
    #[arg(long, value_name = "WORD")]
    own_institution: Option<String>,
    /// The policy by its name.
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// A document that the message stands for, such as the prescription in hand; may be repeated.
    #[arg(long = "source-document", value_name = "ID")]
    source_documents: Vec<String>,
    #[command(flatten)]
    patient: PatientArgs,
}

impl MessageArgs {
    /// What is given, by the names of the server's parameters.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let sources = (!self.source_documents.is_empty()).then(|| self.source_documents.join(","));
        let given = [
            ("as_of", &self.as_of),
            ("consent", &self.consent),
            ("recorded_by", &self.recorded_by),
            ("actor_kind", &self.actor_kind),
            ("actor_code", &self.actor_code),
            ("own_institution", &self.own_institution),
            ("policy", &self.policy),
            ("patient_id", &self.patient.patient_id),
            ("insurer", &self.patient.insurer),
            ("symbol", &self.patient.symbol),
            ("number", &self.patient.number),
            ("branch", &self.patient.branch),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let given = given.map(|(name, value)| (name, Cow::Borrowed(value)));
        given.chain(sources.map(|ids| ("source_documents", Cow::Owned(ids)))).collect()
    }
}

/// The flag of a parameter. The one that lists is given once for each of its values.
pub(crate) fn flag(parameter: &str) -> String {
    format!("--{}", parameter.replace('_', "-").trim_end_matches('s'))
}
