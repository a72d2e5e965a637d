//! The products that demo patients take, read from the embedded drug table.

use std::io;

use serde::Deserialize;

use crate::demo;

/// The columns of `drugs.csv` that prescribing needs; the others are ignored.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Product {
    pub(crate) yj: String,
    pub(crate) receipt: String,
    pub(crate) generic: String,
    pub(crate) name: String,
    /// `ingredient@route`, separated by `;`.
    pub(crate) substances: String,
    covered_to: String,
    dummy: String,
}

/// A drug as a document states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Coded {
    pub(crate) system: &'static str,
    pub(crate) code: String,
    pub(crate) name: String,
}

/// All products that may be prescribed without an end of coverage to mind.
#[derive(Debug)]
pub(crate) struct Formulary(Vec<Product>);

impl Product {
    /// The receipt code; a product with several has its first, the others are its 選定療養 twins.
    pub(crate) fn by_receipt(&self) -> Coded {
        let code = self.receipt.split(';').next().unwrap_or_default();
        Coded { system: "receipt", code: code.to_owned(), name: self.name.clone() }
    }

    /// The YJ code if it is known, else the receipt code.
    pub(crate) fn by_yj(&self) -> Coded {
        if self.yj.is_empty() {
            return self.by_receipt();
        }
        Coded { system: "yj", code: self.yj.clone(), name: self.name.clone() }
    }

    /// The generic-name code (一般名処方) if there is one, else the receipt code. It goes without
    /// a name: the standard wording belongs to the list of generic names.
    pub(crate) fn by_generic(&self) -> Coded {
        if self.generic.is_empty() {
            return self.by_receipt();
        }
        Coded { system: "generic", code: self.generic.clone(), name: String::new() }
    }

    /// A maker in 「」 ends the name of a generic product and of no brand in the table.
    fn is_generic(&self) -> bool {
        self.name.contains('「')
    }
}

impl Formulary {
    /// Reads the embedded table; it fails only if the table is not well-formed.
    pub(crate) fn load() -> io::Result<Self> {
        let mut reader = csv::Reader::from_reader(demo::DRUGS.as_bytes());
        let mut products = Vec::new();
        for product in reader.deserialize() {
            let product: Product = product?;
            if product.dummy != "1" && product.covered_to.is_empty() {
                products.push(product);
            }
        }
        Ok(Self(products))
    }

    /// Every product, in the order of the table.
    pub(crate) fn products(&self) -> &[Product] {
        &self.0
    }

    /// The brand and the generics of `group`, a generic-name code, a YJ code or a receipt code.
    pub(crate) fn interchangeable(&self, group: &str) -> Interchangeable<'_> {
        let members = self.0.iter().filter(|product| {
            product.generic == group
                || product.yj == group
                || product.receipt.split(';').any(|code| code == group)
        });
        let (generics, brands) = members.partition(|product| product.is_generic());
        Interchangeable { brands, generics }
    }
}

/// Products that a pharmacy may dispense for each other.
#[derive(Debug)]
pub(crate) struct Interchangeable<'a> {
    pub(crate) brands: Vec<&'a Product>,
    pub(crate) generics: Vec<&'a Product>,
}
