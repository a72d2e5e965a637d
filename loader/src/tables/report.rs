//! What building the tables counted, decided and left open.

use std::fmt;

use thiserror::Error;

/// The report of one build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files read, the encodings chosen, and every line that deviates from its layout.
    pub sources: chofuku_formats::Report,
    /// How many of each.
    pub counts: Counts,
    /// What is missing from the tables, and why; sorted.
    pub unresolved: Vec<Item>,
    /// What is in the tables by a decision that a pharmacist may want to look at; sorted.
    pub notices: Vec<Item>,
}

/// Sizes of the input and output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Products on the price lists.
    pub price_products: usize,
    /// Of these, products that came out with substances.
    pub price_products_resolved: usize,
    /// Codes in the receipt-code master.
    pub receipt_codes: usize,
    /// Of these, codes that came out on a product.
    pub receipt_codes_resolved: usize,
    /// Of these, codes of products that are on no price list.
    pub receipt_codes_unlisted: usize,
    /// Codes in the generic-name master.
    pub generic_codes: usize,
    /// Of these, codes that came out on a product.
    pub generic_codes_resolved: usize,
    /// Pairs in the pair lists.
    pub pairs: usize,
    /// Of these, pairs that became rules.
    pub pairs_resolved: usize,
    /// Pairs that name products by code on both sides.
    pub pairs_coded: usize,
    /// Of these, pairs that became rules.
    pub pairs_coded_resolved: usize,
    /// What the payment fund's tables cover.
    pub check: CheckCounts,
    /// Rows of `ingredients.csv`.
    pub ingredients: usize,
    /// Rows of `drugs.csv`.
    pub drugs: usize,
    /// Rows of `contraindications.csv`.
    pub contraindications: usize,
}

/// What the payment fund's tables of contraindicated combinations cover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckCounts {
    /// Rows that are struck off (変更区分 1 or 9).
    pub deleted: usize,
    /// Pairs of receipt codes, in no order.
    pub code_pairs: usize,
    /// Of these, pairs whose codes both name products, of nothing in common.
    pub code_pairs_resolved: usize,
    /// Ingredients that some code names.
    pub ingredients: usize,
    /// Pairs of ingredients that follow.
    pub pairs: usize,
    /// Pairs of ingredients of the pair lists.
    pub pairs_of_lists: usize,
    /// Pairs that both have: what is left of either is what the other lacks.
    pub pairs_shared: usize,
    /// Rules that no list states for the same products.
    pub rules_added: usize,
}

/// One thing that the report is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// What kind of thing.
    pub kind: Kind,
    /// Its code, or the names of a pair.
    pub item: String,
    /// Its name; may be empty.
    pub name: String,
    /// What is the matter.
    pub reason: Reason,
}

/// What an [`Item`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An ingredient name.
    Ingredient,
    /// A product of the price list, by price code.
    Product,
    /// A receipt code.
    Receipt,
    /// A generic-name code.
    Generic,
    /// A contraindicated pair, by its names.
    Pair,
    /// A code, a pair of codes or a substance of the payment fund's table.
    CheckMaster,
}

/// Why something is not in the tables, or is there by a decision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
#[non_exhaustive]
pub enum Reason {
    /// The price list names no ingredient and no product with a like code helps.
    #[error("no ingredient is named, and no product of the same seven characters has one")]
    NoIngredient,
    /// A code without a price code is an adjustment of a claim or a quantity, not a product.
    #[error("it has no price code")]
    NoPriceCode,
    /// No product of the price list begins with the same seven characters.
    #[error("no product of a price list begins with {prefix}, and no alias names it")]
    UnknownPrefix {
        /// Seven characters.
        prefix: String,
    },
    /// Products with the same seven characters contain different things.
    #[error("the products that begin with {prefix} contain different ingredients")]
    PrefixDisagrees {
        /// Seven characters.
        prefix: String,
    },
    /// A generic-name code that no product claims.
    #[error("no product has a price code that begins like it")]
    NoProduct,
    /// A side of a pair that names no product of the tables.
    #[error("side {side}: no product contains {name}")]
    UnknownSide {
        /// `a` or `b`.
        side: &'static str,
        /// The name.
        name: String,
    },
    /// A side of a pair without codes that names several ingredients.
    #[error("side {side}: {name} is a combination, and the list names no product of it")]
    CombinationSide {
        /// `a` or `b`.
        side: &'static str,
        /// The name.
        name: String,
    },
    /// One of the codes of a side begins no product; the others are used.
    #[error("side {side}: no product begins with {prefix}")]
    UnknownSidePrefix {
        /// `a` or `b`.
        side: &'static str,
        /// Seven characters.
        prefix: String,
    },
    /// A side that names a combination was laid on one of its components.
    #[error("side {side} is a combination; the rule names its component {ingredient}")]
    ComponentChosen {
        /// `a` or `b`.
        side: &'static str,
        /// The id of the component.
        ingredient: String,
    },
    /// A side without codes was resolved by its name, for any route.
    #[error("side {side} has no codes; the rule holds for every product of {ingredient}")]
    ByName {
        /// `a` or `b`.
        side: &'static str,
        /// The id of the ingredient.
        ingredient: String,
    },
    /// The name looks like a salt, ester, follow-on product or combination.
    #[error("no alias says of which ingredient this is a form; it stands for itself")]
    NoAlias,
    /// A combination that the alias table does not know was split at its middle dots.
    #[error("no alias says what it consists of; it was split at the middle dots")]
    SplitByName,
    /// The receipt-code master ends its use earlier than the price list, which is believed.
    #[error("the receipt-code master ends its use on {receipt}, the price list does not")]
    EndDiffers {
        /// The day that the receipt-code master states.
        receipt: String,
    },
    /// A code of the payment fund's table that no product has.
    #[error("no product has this receipt code; its pairs are not in the tables")]
    UnknownCode,
    /// A pair of codes whose products share an ingredient.
    #[error("the two have an ingredient in common, of which no rule can be")]
    SharedIngredient,
    /// A substance of which the payment fund's table names some products only; the rule is about all.
    #[error("the table names {named} of its {all} receipt codes; the rule is about all of them")]
    PartlyNamed {
        /// The codes in the table.
        named: usize,
        /// All codes.
        all: usize,
    },
    /// The alias of a name that no source uses.
    #[error("no source uses this alias")]
    UnusedAlias,
}

impl Report {
    pub(super) fn unresolved(&mut self, kind: Kind, item: &str, name: &str, reason: Reason) {
        let (item, name) = (item.to_owned(), name.to_owned());
        self.unresolved.push(Item { kind, item, name, reason });
    }

    pub(super) fn notice(&mut self, kind: Kind, item: &str, name: &str, reason: Reason) {
        let (item, name) = (item.to_owned(), name.to_owned());
        self.notices.push(Item { kind, item, name, reason });
    }

    pub(super) fn finish(&mut self, ingredients: usize, drugs: usize, contraindications: usize) {
        for items in [&mut self.unresolved, &mut self.notices] {
            items.sort();
            items.dedup();
        }
        self.counts = Counts { ingredients, drugs, contraindications, ..self.counts };
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resolved = [
            ("price-list products", self.price_products_resolved, self.price_products),
            ("receipt codes", self.receipt_codes_resolved, self.receipt_codes),
            ("generic-name codes", self.generic_codes_resolved, self.generic_codes),
            ("pairs", self.pairs_resolved, self.pairs),
            ("pairs with codes on both sides", self.pairs_coded_resolved, self.pairs_coded),
        ];
        for (what, resolved, all) in resolved {
            writeln!(f, "{what}: {resolved} of {all} resolved")?;
        }
        writeln!(f, "receipt codes on no price list: {}", self.receipt_codes_unlisted)?;
        if self.check != CheckCounts::default() {
            writeln!(f, "check master: {}", self.check)?;
        }
        write!(
            f,
            "tables: {} ingredients, {} products, {} contraindications",
            self.ingredients, self.drugs, self.contraindications
        )
    }
}

impl fmt::Display for CheckCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} pairs of codes resolved to {} pairs of {} ingredients; {} of them no list \
             has, {} of {} of the lists it lacks; {} rules added, {} rows struck off",
            self.code_pairs_resolved,
            self.code_pairs,
            self.pairs,
            self.ingredients,
            self.pairs - self.pairs_shared.min(self.pairs),
            self.pairs_of_lists - self.pairs_shared.min(self.pairs_of_lists),
            self.pairs_of_lists,
            self.rules_added,
            self.deleted,
        )
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.item)?;
        if !self.name.is_empty() {
            write!(f, " {}", self.name)?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ingredient => "ingredient",
            Self::Product => "product",
            Self::Receipt => "receipt",
            Self::Generic => "generic",
            Self::Pair => "pair",
            Self::CheckMaster => "check-master",
        })
    }
}
