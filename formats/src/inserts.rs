//! Package inserts (添付文書) of PMDA as XML: what section 10.1 says must not be combined, and what
//! section 2 says of combinations.
//!
//! A cell of the table is prose for a human eye: classes and members, brands, conditions and
//! exclusions share one column. [`read`] takes it apart and keeps the cell as written beside the
//! parts; [`resolve`] turns the parts into rows that a person reviews. Nothing here goes into the
//! tables of the check by itself.

mod classes;
mod drugs;
mod files;
mod flow;
mod join;
mod names;
mod resolve;
mod review;
mod rules;
mod washout;
mod xml;

use thiserror::Error;

pub use classes::{ClassTable, Member};
pub use drugs::{Drugs, Product};
pub use files::{Walked, walk};
pub use join::join;
pub use names::Partner;
pub use resolve::{Lookup, Prefix, Resolved, resolve};
pub use rules::{Note, Rule, Side, Source, StatedBy, Unresolved, Why};
pub use washout::{Ending, Washout};

pub(crate) use names::parse_text;
pub(crate) use washout::read_washouts;

use crate::report::Report;

/// One package insert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insert {
    /// The file.
    pub file: String,
    /// 添付文書番号, such as `1149117F1020_1_26`.
    pub number: String,
    /// 改訂年月 of the current revision (今回), `YYYY-MM` or `YYYY-MM-DD`; empty if not stated.
    pub revised: String,
    /// 日本標準商品分類番号.
    pub classification: Vec<String>,
    /// 販売名 with their codes.
    pub brands: Vec<Brand>,
    /// 一般的名称; several for a combination.
    pub generic_names: Vec<String>,
    /// The rows of section 10.1 (併用禁忌).
    pub statements: Vec<Statement>,
    /// What section 2, and section 10.1 outside its table, say of combinations.
    pub passages: Vec<Passage>,
}

/// One product that an insert is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// 販売名.
    pub name: String,
    /// YJ code as written; may be empty.
    pub yj: String,
}

/// One row of section 10.1: the insert's own drug must not be combined with these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// The file.
    pub file: String,
    /// The row of section 10.1, or the line of a list, counted from 1.
    pub place: u64,
    /// 添付文書番号.
    pub insert: String,
    /// 改訂年月; empty if not stated.
    pub revised: String,
    /// The section, `10.1`.
    pub section: &'static str,
    /// The YJ codes of the insert's own products.
    pub own_codes: Vec<String>,
    /// The generic names of the insert's own drug.
    pub own_names: Vec<String>,
    /// 薬剤名等 as written, one line a line.
    pub cell: String,
    /// 薬剤名等 taken apart.
    pub partners: Vec<Partner>,
    /// Instructions and notes of the block in which the row stands, such as an indication.
    pub context: Vec<String>,
    /// 臨床症状・措置方法; where the cell says 同上, the text that it refers to.
    pub measures: String,
    /// 機序・危険因子; where the cell says 同上, the text that it refers to.
    pub mechanism: String,
    /// Intervals that the row states.
    pub washouts: Vec<Washout>,
}

/// Text that speaks of a combination and gives no rule by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// The section: `2`, or `10.1` for text outside the table.
    pub section: &'static str,
    /// The text as written, lists below it included.
    pub text: String,
    /// The names that were found in it.
    pub names: Vec<String>,
    /// The names that no row of section 10.1 has.
    pub missing: Vec<String>,
    /// Intervals that it states.
    pub washouts: Vec<Washout>,
}

impl Passage {
    /// Whether a person must look at it: it names what section 10.1 does not, or names nothing that
    /// could be recognised.
    pub fn to_review(&self) -> bool {
        self.names.is_empty() || !self.missing.is_empty()
    }
}

/// Why a file is no insert that can be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InsertError {
    /// The SGML form in which inserts were published before XML.
    #[error("{file} is an insert in the older SGML form; take the XML of the same insert")]
    Sgml {
        /// The file.
        file: String,
    },
    /// Another XML document.
    #[error("{file} begins with <{root}> instead of <PackIns>; it is no package insert")]
    OtherRoot {
        /// The file.
        file: String,
        /// The local name of the root element.
        root: String,
    },
    /// No XML at all, or damaged.
    #[error("{file}:{line}: {fault}; fetch the insert again")]
    Damaged {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong.
        fault: String,
    },
}

/// Reads one insert.
///
/// # Errors
///
/// The bytes are not XML, are cut off, are the older SGML form, or have another root.
pub fn read(file: &str, bytes: &[u8]) -> Result<(Insert, Report), InsertError> {
    let decoded = crate::text::decode(bytes);
    let mut report = Report::default();
    let insert = xml::read(file, &decoded, &mut report)?;
    Ok((insert, report))
}

#[cfg(test)]
mod tests;
