//! What was registered since a generation: patients encoded anew, in the place of the base's.
//!
//! An amended patient is all of its documents, those of the generation and those that were
//! registered, encoded as a history holds them. So a registered document supersedes, cancels and
//! replaces documents of the generation by the code that does so inside one history, and a check
//! reads an amended patient with the code that reads any other. Ordinals are those of the
//! generation's dictionary; names that it does not have stand behind them, as [`Additions`].

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use crate::document::{Document, DocumentLine, WrittenDocument, WrittenLine};
use crate::error::FormatError;
use crate::history::PatientRows;
use crate::history::dictionary::{Bounds, CodeName, Dictionary, Directions};
use crate::history::writer::{EncodedPatients, WriteError};
use crate::index::{CodeMeaning, Index};
use crate::int;
use crate::patient::PatientKey;
use crate::period::Supply;
use crate::view::View;

/// One patient's documents, encoded.
#[derive(Debug)]
pub struct AmendedPatient {
    hot: Vec<u8>,
    cold: Vec<u8>,
    documents: usize,
}

impl AmendedPatient {
    /// Encodes documents with ordinals of a [`Namer`].
    ///
    /// # Errors
    ///
    /// When a document has no lines, or a day or a code ordinal does not fit a row.
    pub fn encode(patient: PatientKey, documents: Vec<Document>) -> Result<Self, WriteError> {
        let count = documents.len();
        let mut encoded = EncodedPatients::default();
        encoded.push(patient, documents)?;
        let (hot, cold) = encoded.into_bytes();
        Ok(Self { hot, cold, documents: count })
    }

    /// How many documents it holds.
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.hot.capacity() + self.cold.capacity()
    }

    pub(crate) fn rows(&self) -> Result<Option<PatientRows<'_>>, FormatError> {
        let rows = PatientRows::apart(&self.hot, &self.cold)?;
        Ok((!rows.rows().is_empty()).then_some(rows))
    }
}

/// Names that registered documents use and the dictionary of the generation does not have.
#[derive(Clone, Debug)]
pub struct Additions {
    /// The dictionary's lengths: where these names begin.
    behind: Bounds,
    dictionary: Dictionary,
    codes: Vec<CodeMeaning>,
    institutions: Vec<Option<u32>>,
}

impl Additions {
    fn behind(index: &Index) -> Self {
        Self {
            behind: index.history().dictionary().bounds(),
            dictionary: Dictionary::default(),
            codes: Vec::new(),
            institutions: Vec::new(),
        }
    }

    /// The dictionary of a history that has the names of both: its ordinals are those of both.
    pub fn dictionary(&self, base: &Dictionary) -> Dictionary {
        let more = &self.dictionary;
        Dictionary::new(
            [&*base.codes, &*more.codes].concat(),
            [&*base.institutions, &*more.institutions].concat(),
            [&*base.quantities, &*more.quantities].concat(),
            [&*base.directions, &*more.directions].concat(),
        )
    }

    /// The bounds of both together.
    pub(crate) fn bounds(&self) -> Bounds {
        let (base, more) = (self.behind, self.dictionary.bounds());
        Bounds {
            codes: base.codes + more.codes,
            institutions: base.institutions + more.institutions,
            quantities: base.quantities + more.quantities,
            directions: base.directions + more.directions,
        }
    }

    pub(crate) fn has_code(&self, ordinal: u32) -> bool {
        int::to_usize(ordinal) >= self.behind.codes
    }

    pub(crate) fn code(&self, ordinal: u32) -> Result<&CodeMeaning, FormatError> {
        let place = int::to_usize(ordinal).checked_sub(self.behind.codes);
        place.and_then(|place| self.codes.get(place)).ok_or_else(|| FormatError::Invalid {
            section: "overlay",
            what: "code ordinal",
            found: u64::from(ordinal),
        })
    }

    pub(crate) fn code_name(&self, ordinal: u32) -> Option<&CodeName> {
        self.dictionary.codes.get(int::to_usize(ordinal).checked_sub(self.behind.codes)?)
    }

    pub(crate) fn quantity(&self, number: u32) -> Option<&str> {
        let place = int::to_usize(number).checked_sub(self.behind.quantities + 1)?;
        self.dictionary.quantities.get(place).map(String::as_str)
    }

    pub(crate) fn directions(&self, ordinal: u32) -> Option<&Directions> {
        self.dictionary.directions.get(int::to_usize(ordinal).checked_sub(self.behind.directions)?)
    }

    /// Code, and ordinal among the named institutions.
    pub(crate) fn institution(&self, ordinal: usize) -> Option<(&str, Option<u32>)> {
        let place = ordinal.checked_sub(self.behind.institutions)?;
        let code = self.dictionary.institutions.get(place)?;
        Some((code, self.institutions.get(place).copied().flatten()))
    }
}

/// Gives names their ordinals: those of a generation's dictionary, or new ones behind them.
#[derive(Debug)]
pub struct Namer {
    index: Arc<Index>,
    codes: HashMap<CodeName, u32>,
    institutions: HashMap<String, u32>,
    quantities: HashMap<String, u32>,
    directions: HashMap<Directions, u32>,
    additions: Arc<Additions>,
}

impl Namer {
    /// Knows the names of the index.
    pub fn new(index: Arc<Index>) -> Self {
        let dictionary = index.history().dictionary();
        Self {
            codes: numbered(&dictionary.codes),
            institutions: numbered(&dictionary.institutions),
            quantities: numbered(&dictionary.quantities),
            directions: numbered(&dictionary.directions),
            additions: Arc::new(Additions::behind(&index)),
            index,
        }
    }

    /// The index.
    pub fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// The names that are not the generation's, as they are now: what is handed out does not change.
    pub fn additions(&self) -> &Arc<Additions> {
        &self.additions
    }

    /// The documents of a patient as they stand: those of the amended patient, else the base's.
    ///
    /// # Errors
    ///
    /// When the bytes that hold them are damaged.
    pub fn documents(
        &self,
        key: PatientKey,
        amended: Option<&AmendedPatient>,
    ) -> Result<Vec<Document>, FormatError> {
        let view = match amended {
            Some(patient) => View::amended(&self.index, &self.additions, patient),
            None => View::from(&*self.index),
        };
        view.documents(key)
    }

    /// A document with ordinals, nothing of it acknowledged; names that nobody has used yet become
    /// additions.
    pub fn name(&mut self, written: &WrittenDocument) -> Document {
        Document {
            id: written.id.clone(),
            kind: written.kind,
            day: written.day,
            institution: self.institution(&written.institution),
            pharmacy: self.institution(&written.pharmacy),
            prescription: written.prescription.clone(),
            refill_uses: written.refill_uses,
            refill_use: written.refill_use,
            cancelled: written.cancelled,
            acknowledged: Vec::new(),
            lines: written.lines.iter().map(|line| self.line(line)).collect(),
        }
    }

    fn line(&mut self, written: &WrittenLine) -> DocumentLine {
        let supplements = written.supplements.split(';').map(str::trim);
        let supply = Supply::of(
            written.form,
            &written.quantity,
            &written.usage,
            supplements.filter(|code| !code.is_empty()),
        );
        let directions = Directions {
            form: written.form,
            usage: written.usage.clone(),
            supplements: written.supplements.clone(),
        };
        let code = CodeName {
            system: written.system,
            code: written.code.clone(),
            name: written.name.clone(),
        };
        DocumentLine {
            rp: written.rp,
            code: self.code(code),
            supply,
            quantity: self.quantity(&written.quantity),
            directions: self.direction(directions),
        }
    }

    fn code(&mut self, name: CodeName) -> u32 {
        if let Some(known) = self.codes.get(&name) {
            return *known;
        }
        let meaning = self.index.resolve(&name);
        let additions = Arc::make_mut(&mut self.additions);
        additions.codes.push(meaning);
        additions.dictionary.codes.push(name.clone());
        let ordinal = int::ordinal(additions.bounds().codes - 1);
        self.codes.insert(name, ordinal);
        ordinal
    }

    /// The ordinal + 1; 0 for none.
    fn institution(&mut self, code: &str) -> u32 {
        if code.is_empty() {
            return 0;
        }
        if let Some(known) = self.institutions.get(code) {
            return known + 1;
        }
        let named = self.index.knowledge().institution_ordinal(code);
        let additions = Arc::make_mut(&mut self.additions);
        additions.institutions.push(named);
        additions.dictionary.institutions.push(code.to_owned());
        let ordinal = int::ordinal(additions.bounds().institutions - 1);
        self.institutions.insert(code.to_owned(), ordinal);
        ordinal + 1
    }

    /// The ordinal + 1; 0 for none.
    fn quantity(&mut self, quantity: &str) -> u32 {
        if quantity.is_empty() {
            return 0;
        }
        if let Some(known) = self.quantities.get(quantity) {
            return known + 1;
        }
        let additions = Arc::make_mut(&mut self.additions);
        additions.dictionary.quantities.push(quantity.to_owned());
        let ordinal = int::ordinal(additions.bounds().quantities - 1);
        self.quantities.insert(quantity.to_owned(), ordinal);
        ordinal + 1
    }

    fn direction(&mut self, directions: Directions) -> u32 {
        if let Some(known) = self.directions.get(&directions) {
            return *known;
        }
        let additions = Arc::make_mut(&mut self.additions);
        additions.dictionary.directions.push(directions.clone());
        let ordinal = int::ordinal(additions.bounds().directions - 1);
        self.directions.insert(directions, ordinal);
        ordinal
    }

    /// A document in words again.
    pub fn written(&self, document: &Document) -> Option<WrittenDocument> {
        let dictionary = self.index.history().dictionary();
        let more = &self.additions;
        let institution = |number: u32| {
            let Some(ordinal) = int::to_usize(number).checked_sub(1) else {
                return Some(String::new());
            };
            let known = dictionary.institutions.get(ordinal).map(String::as_str);
            known.or_else(|| Some(more.institution(ordinal)?.0)).map(str::to_owned)
        };
        let line = |line: &DocumentLine| {
            let code = dictionary.code(line.code).or_else(|| more.code_name(line.code))?;
            let directions = dictionary.directions_of(line.directions);
            let directions = directions.or_else(|| more.directions(line.directions))?;
            let quantity = dictionary.quantity(line.quantity);
            let quantity = quantity.or_else(|| more.quantity(line.quantity));
            Some(WrittenLine {
                rp: line.rp,
                system: code.system,
                code: code.code.clone(),
                name: code.name.clone(),
                form: directions.form,
                quantity: quantity.unwrap_or_default().to_owned(),
                usage: directions.usage.clone(),
                supplements: directions.supplements.clone(),
            })
        };
        Some(WrittenDocument {
            id: document.id.clone(),
            kind: document.kind,
            day: document.day,
            institution: institution(document.institution)?,
            pharmacy: institution(document.pharmacy)?,
            prescription: document.prescription.clone(),
            refill_uses: document.refill_uses,
            refill_use: document.refill_use,
            cancelled: document.cancelled,
            lines: document.lines.iter().map(line).collect::<Option<_>>()?,
        })
    }
}

fn numbered<T: Clone + Eq + Hash>(values: &[T]) -> HashMap<T, u32> {
    (0..).zip(values).map(|(ordinal, value)| (value.clone(), ordinal)).collect()
}
