//! Knowledge and history, joined: what a check runs on.

use rayon::prelude::*;

use crate::day::Day;
use crate::error::FormatError;
use crate::history::History;
use crate::history::dictionary::CodeName;
use crate::int;
use crate::knowledge::{CodeEntryRef, Knowledge, Meaning, Span};
use crate::manifest::{self, Manifest};
use crate::policy::Policy;

/// One generation, open and joined.
#[derive(Debug)]
pub struct Index {
    knowledge: Knowledge,
    history: History,
    manifest: Manifest,
    /// By code ordinal of the history: what the code means in this knowledge.
    codes: Vec<CodeMeaning>,
    /// The classes of those alone, a byte each: all that is asked of a record that does not count.
    classes: Vec<CodeClass>,
    /// By institution ordinal of the history: its ordinal in this knowledge, if that names it.
    institutions: Vec<Option<u32>>,
}

/// What a row of the history needs to know of its code, in a fraction of a cache line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeMeaning {
    entry: Option<CodeEntryRef>,
    /// The same for every code with the same substances.
    pub(crate) drug: Span,
    pub(crate) class: CodeClass,
}

const _: () = assert!(size_of::<CodeMeaning>() == 20);

/// What kind of thing a code of the history names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeClass {
    /// It has substances and is always covered.
    AlwaysCovered,
    /// It has products; coverage, and whether it has substances, must be looked up.
    SometimesCovered,
    /// It names no product, or only dummies.
    Unresolved,
}

impl Index {
    /// Resolves every code of the history once.
    pub fn join(knowledge: Knowledge, history: History, manifest: Manifest) -> Self {
        let mut codes = Vec::with_capacity(history.dictionary().codes().len());
        for code in history.dictionary().codes() {
            codes.push(resolve(&knowledge, code));
        }
        let classes = codes.iter().map(|code| code.class).collect();
        let named = history.dictionary().institutions().par_iter().with_min_len(1024);
        let institutions = named.map(|code| knowledge.institution_ordinal(code)).collect();
        Self { knowledge, history, manifest, codes, classes, institutions }
    }

    /// The knowledge.
    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// The history.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Brings every block that a check without findings reads into memory and compares it with its
    /// checksum, on all cores. Without it each block is read and checked when a check first needs it.
    ///
    /// # Errors
    ///
    /// The first damaged block.
    pub fn populate(&self) -> Result<(), FormatError> {
        self.history.populate()
    }

    /// What the generation is made of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Whether the history was ever compiled. Without one nobody has a past, and a check would be
    /// clear for everybody: callers refuse to check then.
    pub fn has_history(&self) -> bool {
        self.manifest.sources.iter().any(|source| source.table == manifest::HISTORY)
    }

    /// The first check day on which a policy sees everything that was ever recorded; `None` where no
    /// compaction left anything out that it could see.
    pub fn whole_from(&self, policy: &Policy) -> Option<Day> {
        self.manifest.left_out?.whole_from(policy, self.knowledge.washout_days_max())
    }

    /// Whether a compaction may have left out what a check of a day sees by a policy.
    pub fn is_left_out(&self, as_of: Day, policy: &Policy) -> bool {
        self.whole_from(policy).is_some_and(|day| as_of < day)
    }

    /// What a code of the history means; an ordinal beyond the dictionary is damage.
    pub(crate) fn code(&self, ordinal: u32) -> Result<&CodeMeaning, FormatError> {
        self.codes.get(int::to_usize(ordinal)).ok_or_else(|| FormatError::Invalid {
            section: "history-rows",
            what: "code ordinal",
            found: u64::from(ordinal),
        })
    }

    /// The class of a code of the history; `None` beyond the dictionary.
    #[inline]
    pub(crate) fn class(&self, ordinal: u32) -> Option<CodeClass> {
        self.classes.get(int::to_usize(ordinal)).copied()
    }

    /// The substances of a code of the history, ascending.
    pub(crate) fn substances(&self, code: &CodeMeaning) -> &[u32] {
        self.knowledge.substances(code.drug)
    }

    /// The institution of an ordinal of the history: its code, and its ordinal in the knowledge.
    pub(crate) fn institution(&self, ordinal: usize) -> Option<(&str, Option<u32>)> {
        let code = self.history.dictionary().institutions().get(ordinal)?;
        Some((code, self.institutions.get(ordinal).copied().flatten()))
    }

    /// What a code means that the history does not have.
    pub(crate) fn resolve(&self, code: &CodeName) -> CodeMeaning {
        resolve(&self.knowledge, code)
    }

    /// The whole meaning of a code of the history, with its products.
    pub(crate) fn meaning(&self, code: &CodeMeaning) -> Meaning<'_> {
        self.knowledge.meaning(code.entry)
    }
}

fn resolve(knowledge: &Knowledge, code: &CodeName) -> CodeMeaning {
    let entry = knowledge.find(code.system, &code.code);
    let class = class_of(&knowledge.meaning(entry));
    CodeMeaning { entry, drug: knowledge.substances_at(entry), class }
}

fn class_of(meaning: &Meaning<'_>) -> CodeClass {
    match meaning.coverage() {
        None => CodeClass::Unresolved,
        Some([(i32::MIN, i32::MAX)]) if !meaning.substances().is_empty() => {
            CodeClass::AlwaysCovered
        }
        Some(_) => CodeClass::SometimesCovered,
    }
}
