//! A lookup of names and codes over a plain list of products.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::{
    names::key,
    resolve::{Lookup, Prefix},
};

/// Endings of salts and hydrates: what an ingredient may be called without.
const SALTS: [&str; 24] = [
    "臭化水素酸塩",
    "ベシル酸塩",
    "メシル酸塩",
    "トシル酸塩",
    "マレイン酸塩",
    "フマル酸塩",
    "酒石酸塩",
    "コハク酸塩",
    "クエン酸塩",
    "リンゴ酸塩",
    "シュウ酸塩",
    "パモ酸塩",
    "二塩酸塩",
    "塩酸塩",
    "硫酸塩",
    "硝酸塩",
    "リン酸塩",
    "酢酸塩",
    "乳酸塩",
    "水和物",
    "ナトリウム",
    "カリウム",
    "カルシウム",
    "エルブミン",
];
/// What may stand behind the brand in the name of a product: its form, before the strength.
const FORMS: [&str; 42] = [
    "錠",
    "カプセル",
    "散",
    "末",
    "原末",
    "細粒",
    "顆粒",
    "ドライシロップ",
    "シロップ",
    "ゼリー",
    "チュアブル",
    "トローチ",
    "配合",
    "徐放",
    "口腔",
    "バッカル",
    "舌下",
    "内用",
    "内服",
    "経口",
    "液",
    "注",
    "静注",
    "点滴",
    "皮下",
    "筋注",
    "キット",
    "シリンジ",
    "坐剤",
    "坐薬",
    "外用",
    "経皮",
    "貼付",
    "テープ",
    "パッチ",
    "軟膏",
    "クリーム",
    "ゲル",
    "ローション",
    "吸入",
    "点眼",
    "点鼻",
];
/// A name this short without its salt says nothing.
const BASE_CHARS_MIN: usize = 3;
/// The characters of a YJ code that tell ingredient, route and form.
const PREFIX: usize = 7;

/// One product as the lookup needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// YJ or price-list codes.
    pub codes: Vec<String>,
    /// Its names.
    pub names: Vec<String>,
    /// Its ingredients with their routes.
    pub substances: Vec<(String, String)>,
}

/// Products and ingredients by name, code and beginning of code.
#[derive(Clone, Debug, Default)]
pub struct Drugs {
    products: Vec<Product>,
    /// Ingredient ids by normalised name.
    ingredients: BTreeMap<String, String>,
    /// Ingredient ids by normalised name without its salt; `None` where several have it.
    bases: BTreeMap<String, Option<String>>,
    /// Products by normalised name.
    names: BTreeMap<String, BTreeSet<usize>>,
    /// Products by code.
    codes: BTreeMap<String, BTreeSet<usize>>,
    /// The first seven characters of codes by ingredient.
    prefixes: BTreeMap<String, BTreeSet<Prefix>>,
}

impl Drugs {
    /// A lookup over ingredients (id and name) and products.
    pub fn new(
        ingredients: impl IntoIterator<Item = (String, String)>,
        products: Vec<Product>,
    ) -> Self {
        let mut drugs = Self::default();
        for (id, name) in ingredients {
            for name in [&id, &name] {
                drugs.ingredients.insert(key(name), id.clone());
                let base = base(&key(name));
                let known = drugs.bases.entry(base).or_insert_with(|| Some(id.clone()));
                if known.as_ref().is_some_and(|known| *known != id) {
                    *known = None;
                }
            }
        }
        for (position, product) in products.iter().enumerate() {
            for name in &product.names {
                drugs.names.entry(key(name)).or_default().insert(position);
            }
            let ids: BTreeSet<&str> =
                product.substances.iter().map(|(ingredient, _)| ingredient.as_str()).collect();
            for code in &product.codes {
                drugs.codes.entry(code.clone()).or_default().insert(position);
                let Some(prefix) = code.get(..PREFIX) else { continue };
                for (ingredient, route) in &product.substances {
                    let (code, route) = (prefix.to_owned(), route.clone());
                    let prefix = Prefix { code, route, alone: ids.len() == 1 };
                    drugs.prefixes.entry(ingredient.clone()).or_default().insert(prefix);
                }
            }
        }
        drugs.products = products;
        drugs
    }

    fn at(&self, positions: &BTreeSet<usize>) -> Vec<&Product> {
        positions.iter().filter_map(|position| self.products.get(*position)).collect()
    }

    fn ingredient(&self, name: &str) -> Option<String> {
        if let Some(id) = self.ingredients.get(name) {
            return Some(id.clone());
        }
        let without = name.replace("(遺伝子組換え)", "");
        let base = base(&without);
        let long = base.chars().count() >= BASE_CHARS_MIN;
        self.bases.get(&base).filter(|_| long).cloned().flatten()
    }
}

impl Lookup for Drugs {
    fn ingredients(&self, name: &str) -> Vec<String> {
        let name = key(name);
        if let Some(id) = self.ingredient(&name) {
            return vec![id];
        }
        let parts: Vec<&str> = name.split(['・', '/']).collect();
        let found: Option<Vec<String>> = parts
            .iter()
            .map(|part| self.ingredient(part.strip_suffix("配合剤").unwrap_or(part)))
            .collect();
        found.filter(|found| found.len() > 1).unwrap_or_default()
    }

    fn product(&self, code: &str) -> Vec<(String, String)> {
        let exact = self.codes.get(code).map(|positions| self.at(positions)).unwrap_or_default();
        let likely = || {
            // The same fallback as that of a check (S13): only where all of them agree.
            [9, PREFIX].into_iter().find_map(|length| {
                let prefix = code.get(..length)?;
                let from = self.codes.range(prefix.to_owned()..);
                let like = from.take_while(|(known, _)| known.starts_with(prefix));
                let products: Vec<&Product> =
                    like.flat_map(|(_, positions)| self.at(positions)).collect();
                (!products.is_empty()).then_some(products)
            })
        };
        let products = if exact.is_empty() { likely().unwrap_or_default() } else { exact };
        let mut contents = products.iter().map(|product| &product.substances);
        let Some(first) = contents.next() else { return Vec::new() };
        let set = |list: &[(String, String)]| list.iter().cloned().collect::<BTreeSet<_>>();
        let agree = contents.all(|other| set(other) == set(first));
        if agree { first.clone() } else { Vec::new() }
    }

    fn brand(&self, name: &str) -> Vec<(String, Vec<String>)> {
        let name = key(name);
        if name.is_empty() {
            return Vec::new();
        }
        let from = self.names.range(name.clone()..);
        let like = from.take_while(|(known, _)| known.starts_with(&name));
        // レバチ is not the brand of レバチオ錠, nor 炭酸 that of 炭酸水素ナトリウム.
        let whole = like.filter(|(known, _)| {
            let rest = known.get(name.len()..).unwrap_or_default();
            let plain = rest.is_empty() || rest.starts_with(|c: char| c.is_ascii() || c == '「');
            plain || FORMS.iter().any(|form| rest.starts_with(form))
        });
        let mut brands = Vec::new();
        for product in whole.flat_map(|(_, positions)| self.at(positions)) {
            let ids: BTreeSet<&String> = product.substances.iter().map(|(id, _)| id).collect();
            let ids: Vec<String> = ids.into_iter().cloned().collect();
            for code in &product.codes {
                brands.push((code.clone(), ids.clone()));
            }
        }
        brands
    }

    fn prefixes(&self, ingredient: &str) -> Vec<Prefix> {
        let prefixes = self.prefixes.get(ingredient);
        prefixes.map(|prefixes| prefixes.iter().cloned().collect()).unwrap_or_default()
    }
}

/// A normalised name without salts and hydrates at its end.
fn base(name: &str) -> String {
    let name: String = name.nfc().collect();
    let mut rest = name.as_str();
    while let Some(shorter) = SALTS.iter().find_map(|salt| rest.strip_suffix(salt)) {
        let shorter =
            shorter.trim_end_matches(['一', '二', '三', '四', '五', '六', '半', '1', '2', '/']);
        if shorter.chars().count() < BASE_CHARS_MIN {
            break;
        }
        rest = shorter;
    }
    rest.to_owned()
}
