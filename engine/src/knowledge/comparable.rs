//! Names of products in comparable form, made when a product is first asked for.

use std::sync::OnceLock;

use super::tables::Product;
use crate::int;
use crate::name;

/// By product: its names in the form of [`name::comparable`]. Making one costs more than all the rest
/// of a check, and a generic code may name fifty products.
#[derive(Debug)]
pub(super) struct ComparableNames(Vec<OnceLock<Box<[String]>>>);

impl ComparableNames {
    /// None made yet, for so many products.
    pub(super) fn new(products: usize) -> Self {
        Self(std::iter::repeat_with(OnceLock::new).take(products).collect())
    }

    /// The names of a product.
    pub(super) fn of(&self, ordinal: u32, product: &Product) -> &[String] {
        let names = self.0.get(int::to_usize(ordinal));
        let make = || product.names().map(name::comparable).collect();
        names.map_or(&[], |names| names.get_or_init(make))
    }
}
