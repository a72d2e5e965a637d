//! A parsed request to what the engine is asked: the rules between fields, and the patient's
//! identity reduced to its key.

use chofuku_engine::Day;
use chofuku_engine::check::{self, Consent, NewLine, OwnInstitution, Request};
use chofuku_engine::patient::{Identity, IdentityError, IdentityKey, PatientKey};
use chofuku_engine::policy::Policy;

use super::object::Object;
use super::text::{DocumentId, Id, Text};
use super::{Actor, CheckRequest, ConsentGiven, HistoryRequest, Line, Patient};
use crate::error::ApiError;
use crate::policies::Policies;

/// The largest number of new lines of one check.
pub(super) const LINES_MAX: usize = 100;
/// The largest number of documents that a request names as its own.
pub(super) const SOURCE_DOCUMENTS_MAX: usize = 100;
/// The largest number of supplement codes of one line.
pub(super) const SUPPLEMENTS_MAX: usize = 20;

/// What a request is read against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'s> {
    pub(crate) key: &'s IdentityKey,
    pub(crate) policies: &'s Policies,
    /// The check day of a request that names none.
    pub(crate) today: Day,
}

/// A request for the engine, and the name of its policy, which the engine does not know.
#[derive(Debug)]
pub(crate) struct Asked<'r> {
    pub(crate) policy_name: &'r str,
    pub(crate) request: Request<'r>,
}

impl CheckRequest<'_> {
    /// What the engine is asked.
    pub(crate) fn asked<'r>(&'r self, around: &Surroundings<'r>) -> Result<Asked<'r>, ApiError> {
        match self.lines.len() {
            0 => return Err(ApiError::NoLines),
            1..=LINES_MAX => {}
            found => return Err(ApiError::TooManyLines { found, max: LINES_MAX }),
        }
        let frame = Frame {
            patient: &self.patient,
            as_of: self.as_of.as_ref().and_then(Text::day),
            actor: self.actor.as_ref(),
            own_institution: self.own_institution.map(|word| word.0),
            consent: self.consent.as_ref(),
            source_documents: &self.source_documents,
            policy: self.policy.as_ref(),
        };
        let mut asked = frame.asked(around)?;
        asked.request.lines = self
            .lines
            .iter()
            .enumerate()
            .map(|(position, Object(line))| line.new_line(position))
            .collect::<Result<_, _>>()?;
        Ok(asked)
    }
}

impl HistoryRequest<'_> {
    /// What the engine is asked, which takes full consent.
    pub(crate) fn asked<'r>(&'r self, around: &Surroundings<'r>) -> Result<Asked<'r>, ApiError> {
        let frame = Frame {
            patient: &self.patient,
            as_of: self.as_of.as_ref().and_then(Text::day),
            actor: self.actor.as_ref(),
            own_institution: self.own_institution.map(|word| word.0),
            consent: self.consent.as_ref(),
            source_documents: &self.source_documents,
            policy: self.policy.as_ref(),
        };
        let asked = frame.asked(around)?;
        match asked.request.consent {
            Consent::Full => Ok(asked),
            Consent::None | Consent::Oral => Err(ApiError::ConsentRequired),
        }
    }
}

/// What a check and a history have in common.
struct Frame<'r> {
    patient: &'r Object<Patient<'r>>,
    as_of: Option<Day>,
    actor: Option<&'r Object<Actor<'r>>>,
    own_institution: Option<OwnInstitution>,
    consent: Option<&'r Object<ConsentGiven<'r>>>,
    source_documents: &'r [Text<'r, DocumentId>],
    policy: Option<&'r Text<'r, Id>>,
}

impl<'r> Frame<'r> {
    fn asked(&self, around: &Surroundings<'r>) -> Result<Asked<'r>, ApiError> {
        let (policy_name, policy) = self.policy(around.policies)?;
        let own_institution = self.own_institution.unwrap_or_default();
        if self.actor.is_none() && own_institution == OwnInstitution::Exclude {
            return Err(ApiError::ActorRequired);
        }
        if self.source_documents.len() > SOURCE_DOCUMENTS_MAX {
            let expected = format!("a list of at most {SOURCE_DOCUMENTS_MAX} document ids");
            return Err(ApiError::value("source_documents", expected));
        }
        Ok(Asked {
            policy_name,
            request: Request {
                consent: self.consent()?,
                patient: self.patient.0.key(around.key)?,
                as_of: self.as_of.unwrap_or(around.today),
                actor: self.actor.map(|Object(actor)| check::Actor {
                    kind: actor.kind.0,
                    code: actor.code.as_str(),
                }),
                own_institution,
                source_documents: self.source_documents.iter().map(Text::as_str).collect(),
                policy,
                lines: Vec::new(),
            },
        })
    }

    fn policy(&self, policies: &'r Policies) -> Result<(&'r str, &'r Policy), ApiError> {
        let name = self.policy.map_or(Policies::DEFAULT, Text::as_str);
        policies.get(name).ok_or_else(|| ApiError::UnknownPolicy { allowed: policies.names() })
    }

    fn consent(&self) -> Result<Consent, ApiError> {
        self.consent.map_or_else(|| Ok(Consent::default()), |Object(given)| given.level())
    }
}

impl ConsentGiven<'_> {
    pub(super) fn level(&self) -> Result<Consent, ApiError> {
        match self.level.0 {
            // S28: without who took it, oral consent is a claim of nobody's.
            Consent::Oral if self.recorded_by.is_none() => Err(ApiError::RecorderRequired),
            level @ (Consent::None | Consent::Oral | Consent::Full) => Ok(level),
        }
    }
}

impl Patient<'_> {
    pub(super) fn key(&self, key: &IdentityKey) -> Result<PatientKey, ApiError> {
        let identity = match (&self.id, self.insured()) {
            (Some(id), None) => Identity::Opaque(id.as_str()),
            (None, Some(insured)) => insured?,
            (None, None) => {
                return Err(ApiError::MissingField { path: "patient.insurer".to_owned() });
            }
            (Some(_), Some(_)) => {
                return Err(ApiError::value("patient", "an insured identity or an id, not both"));
            }
        };
        key.patient(identity).map_err(identity_error)
    }

    /// The insured identity, if any part of one is there.
    fn insured(&self) -> Option<Result<Identity<'_>, ApiError>> {
        let parts = [&self.insurer, &self.symbol, &self.number, &self.branch];
        if parts.iter().all(|part| part.is_none()) {
            return None;
        }
        Some(self.whole_insured())
    }

    fn whole_insured(&self) -> Result<Identity<'_>, ApiError> {
        let missing = |path: &str| ApiError::MissingField { path: path.to_owned() };
        let insurer = self.insurer.as_ref().ok_or_else(|| missing("patient.insurer"))?;
        let number = self.number.as_ref().ok_or_else(|| missing("patient.number"))?;
        Ok(Identity::Insured {
            insurer: insurer.as_str(),
            symbol: self.symbol.as_ref().map_or("", Text::as_str),
            number: number.as_str(),
            branch: self.branch.as_ref().map_or("", Text::as_str),
        })
    }
}

fn identity_error(error: IdentityError) -> ApiError {
    match error {
        IdentityError::Insurer => ApiError::value("patient.insurer", "up to 8 digits"),
        IdentityError::Number => ApiError::value("patient.number", "the number (番号), not empty"),
        IdentityError::BranchRequired => ApiError::BranchRequired,
        IdentityError::Branch => ApiError::value("patient.branch", "one or two digits"),
        IdentityError::Opaque => ApiError::value("patient.id", "an id, not empty"),
        IdentityError::TooLong => ApiError::value("patient", "parts of at most 64 characters"),
    }
}

impl Line<'_> {
    fn new_line(&self, position: usize) -> Result<NewLine<'_>, ApiError> {
        if self.usage_supplements.len() > SUPPLEMENTS_MAX {
            let path = format!("lines[{position}].usage_supplements");
            return Err(ApiError::value(
                path,
                format!("a list of at most {SUPPLEMENTS_MAX} codes"),
            ));
        }
        let Object(drug) = &self.drug;
        Ok(NewLine {
            rp: self.rp.0,
            system: drug.system.0,
            code: drug.code.as_str(),
            name: drug.name.as_ref().map(Text::as_str).filter(|name| !name.is_empty()),
            form: self.form.0,
        })
    }
}
