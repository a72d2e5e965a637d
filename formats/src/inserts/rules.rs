//! Rows for review: a pair of sides with everything that says where it comes from, and what could
//! not become one.

use std::collections::BTreeSet;

use thiserror::Error;

/// One side of a rule (S20).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    /// The id of the ingredient.
    pub ingredient: String,
    /// Routes; empty means any.
    pub routes: BTreeSet<String>,
    /// Beginnings of YJ codes, one of which a product must have; empty means any.
    pub only: BTreeSet<String>,
    /// Beginnings of YJ codes that except a product.
    pub except: BTreeSet<String>,
}

/// Whose insert states a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatedBy {
    /// That of side a.
    A,
    /// That of side b.
    B,
    /// Those of both sides.
    Both,
}

impl StatedBy {
    /// The word of the canonical table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::Both => "both",
        }
    }

    pub(super) const fn flipped(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
            Self::Both => Self::Both,
        }
    }

    pub(super) fn with(self, other: Self) -> Self {
        if self == other { self } else { Self::Both }
    }
}

/// Where a rule was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The file.
    pub file: String,
    /// The row of section 10.1 or the line of the list, from 1.
    pub place: u64,
    /// 添付文書番号.
    pub insert: String,
    /// 改訂年月; empty if not stated.
    pub revised: String,
    /// The section.
    pub section: &'static str,
    /// The partner's name as the insert writes it, with the class that it stands in.
    pub partner: String,
    /// 薬剤名等 as written.
    pub cell: String,
}

/// What a reviewer of a rule should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
#[non_exhaustive]
pub enum Note {
    /// The class table names the partner, not the insert.
    #[error("member of {class} by {source_text}")]
    ClassMember {
        /// The class that the insert names.
        class: String,
        /// Where the class table has it from.
        source_text: String,
    },
    /// The insert's list of members is not complete (等).
    #[error("the insert's list of {class} is open (等)")]
    Open {
        /// The class.
        class: String,
    },
    /// The name is that of a brand.
    #[error("found as the brand {brand}")]
    ByBrand {
        /// The brand.
        brand: String,
    },
    /// A brand is named, and other products of the ingredient have other codes.
    #[error("only {brand} is named; other products: {}", others.join(" "))]
    BrandMayLimit {
        /// The brands.
        brand: String,
        /// The first seven characters of the codes of the others.
        others: Vec<String>,
    },
    /// A brand that no product has.
    #[error("no product is called {brand}")]
    UnknownBrand {
        /// The brand.
        brand: String,
    },
    /// A brand whose product holds another ingredient than the name says.
    #[error("{brand} holds {}", ingredients.join("・"))]
    BrandDisagrees {
        /// The brand.
        brand: String,
        /// What its products hold.
        ingredients: Vec<String>,
    },
    /// The insert says that some are excepted, in words that no code answers.
    #[error("excepted: {words}")]
    Excepted {
        /// The words.
        words: String,
    },
    /// The own product is a combination, and the rule stands on one component.
    #[error("combination; the rule stands on {ingredient}")]
    ComponentChosen {
        /// The component.
        ingredient: String,
    },
    /// The own products are known by the name or the number of the insert, not by their codes.
    #[error("the insert's own drug was found by {by}")]
    OwnBy {
        /// The name or number.
        by: String,
    },
    /// An interval in words that could not be read.
    #[error("interval in words: {text}")]
    Interval {
        /// The sentence.
        text: String,
    },
}

/// One row for review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Side a: the insert's own drug, unless both inserts state the rule.
    pub a: Side,
    /// Side b.
    pub b: Side,
    /// Whose insert states it.
    pub stated_by: StatedBy,
    /// Where it was read.
    pub sources: Vec<Source>,
    /// Conditions that a request cannot answer, as written.
    pub conditions: Vec<String>,
    /// 臨床症状・措置方法, each text once.
    pub measures: Vec<String>,
    /// 機序・危険因子, each text once.
    pub mechanism: Vec<String>,
    /// Days after the end of a during which b must not start.
    pub washout_a: Option<u32>,
    /// Days after the end of b during which a must not start.
    pub washout_b: Option<u32>,
    /// What a reviewer should look at.
    pub notes: Vec<Note>,
}

/// Why a name gave no rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
#[non_exhaustive]
pub enum Why {
    /// Neither the codes nor the names of the insert's own drug are known.
    #[error("the insert's own drug is unknown")]
    OwnUnknown,
    /// The cell names nothing.
    #[error("the cell names nothing")]
    Nothing,
    /// A drug that no table knows.
    #[error("no ingredient or product has this name")]
    UnknownName,
    /// A class that neither the insert nor the class table takes apart.
    #[error("a class without members; give them in the class table")]
    UnknownClass,
    /// A class whose list in the insert is not complete, and which the class table does not have.
    #[error("the insert's list is open (等) and the class table does not have the class")]
    OpenClass,
    /// Both sides are one ingredient.
    #[error("both sides are {ingredient}")]
    Same {
        /// The ingredient.
        ingredient: String,
    },
    /// A combination of ingredients that no product holds.
    #[error("no product holds {} together", ingredients.join("・"))]
    NoProduct {
        /// The ingredients.
        ingredients: Vec<String>,
    },
    /// A list of members or exceptions that is a drug on its own, but the name above it disagrees.
    #[error("{brand} is named as its brand and holds {}", ingredients.join("・"))]
    BrandDisagrees {
        /// The brand.
        brand: String,
        /// What its products hold.
        ingredients: Vec<String>,
    },
    /// An exception that no table knows, so that the rule may be too wide.
    #[error("an exception that was not applied")]
    ExceptionNotApplied,
}

/// A name that gave no rule, or not the whole of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// Where it stands.
    pub source: Source,
    /// The name.
    pub name: String,
    /// Why.
    pub why: Why,
}
