//! The new lines of a request: which are checked, and with what warnings (section 4).

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::{
    request::{Line, Request},
    resolve::{How, Resolved, fails_check_digit},
    world::World,
};

/// A new line, resolved.
#[derive(Debug)]
pub(crate) struct NewLine<'r> {
    pub(crate) index: usize,
    pub(crate) line: &'r Line,
    pub(crate) resolved: Resolved,
    /// Why the line is not checked; the first reason that holds.
    pub(crate) not_checked: Option<&'static str>,
}

impl<'r> NewLine<'r> {
    pub(crate) fn all(world: &World, request: &'r Request) -> Vec<Self> {
        let lines = request.lines.iter().enumerate();
        lines.map(|(index, line)| Self::read(world, index, line, request.check_day())).collect()
    }

    fn read(world: &World, index: usize, line: &'r Line, check_day: Date) -> Self {
        let resolved = Resolved::of(world, &line.drug.system, &line.drug.code);
        let not_checked = if line.form == 6 {
            Some("material")
        } else if resolved.how == How::Dummy {
            Some("dummy_code")
        } else if resolved.how == How::Unknown {
            Some("unknown_code")
        } else if !resolved.is_covered(world, check_day) {
            Some("not_covered")
        } else if resolved.substances.is_empty() {
            Some("no_substance")
        } else {
            None
        };
        Self { index, line, resolved, not_checked }
    }

    /// S13 to S15, in the order of the readings; none for material and dummies.
    pub(crate) fn warnings(&self, world: &World) -> Vec<Value> {
        if matches!(self.not_checked, Some("material" | "dummy_code")) {
            return Vec::new();
        }
        let drug = &self.line.drug;
        let mut warnings = Vec::new();
        let mut warn = |kind: &str, detail: &str| {
            warnings.push(json!({"line": self.index, "kind": kind, "detail": detail}));
        };
        if matches!(drug.system.as_str(), "yj" | "price") && fails_check_digit(&drug.code) {
            warn("check_digit", &drug.code);
        }
        if self.resolved.how.is_stand_in() {
            warn("resolution", self.resolved.how.word());
        }
        if let Some(name) = &drug.name
            && self.resolved.names_a_product()
            && !self.resolved.has_name(world, name)
        {
            warn("name_mismatch", name);
        }
        warnings
    }

    /// S22: the codes are equal, or both name the same products themselves.
    pub(crate) fn is_same_product(&self, other: &Self) -> bool {
        let (one, two) = (&self.line.drug, &other.line.drug);
        (&one.system, &one.code) == (&two.system, &two.code)
            || (self.resolved.how, other.resolved.how) == (How::Exact, How::Exact)
                && self.resolved.products == other.resolved.products
    }
}
