//! Which generic-name codes (一般名コード) a product answers to.

use std::collections::{BTreeMap, BTreeSet};

use chofuku_formats::masters::ReceiptRow;

use super::super::sources::Lists;

/// The characters that a generic-name code shares with the price codes of its products.
const SHARED: usize = 9;

/// The generic-name codes, by what attaches them to products.
#[derive(Debug)]
pub(super) struct GenericCodes {
    by_prefix: BTreeMap<String, String>,
    by_price_code: BTreeMap<String, BTreeSet<String>>,
    claimed: BTreeSet<String>,
}

impl GenericCodes {
    pub(super) fn new(lists: &Lists) -> Self {
        let mut by_price_code: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (code, price_codes) in &lists.exceptions {
            for price_code in price_codes {
                by_price_code.entry(price_code.clone()).or_default().insert(code.clone());
            }
        }
        // The ninth character of an exceptional code is a letter that no price code has, and its
        // products are listed one by one.
        let ordinary = lists.generics.keys().filter(|code| !lists.exceptions.contains_key(*code));
        let by_prefix = ordinary
            .filter_map(|code| Some((code.get(..SHARED)?.to_owned(), code.clone())))
            .collect();
        Self { by_prefix, by_price_code, claimed: BTreeSet::new() }
    }

    /// The codes of a product: by the beginning of its price code, by the list of exceptions, and
    /// as the receipt-code master has them.
    pub(super) fn claim(&mut self, code: &str, receipts: &[&ReceiptRow]) -> BTreeSet<String> {
        let mut codes: BTreeSet<String> = self.by_price_code.get(code).cloned().unwrap_or_default();
        let prefix = code.get(..SHARED).unwrap_or_default();
        codes.extend(self.by_prefix.get(prefix).cloned());
        let stated = receipts.iter().map(|row| row.generic_code());
        codes.extend(stated.filter(|code| code.len() == 12).map(str::to_owned));
        self.claimed.extend(codes.iter().cloned());
        codes
    }

    /// Whether some product answers to a code.
    pub(super) fn is_claimed(&self, code: &str) -> bool {
        self.claimed.contains(code)
    }
}
