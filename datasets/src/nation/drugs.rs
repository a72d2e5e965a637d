//! What a nation is treated with: regimens resolved once, so that a line is a few small numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde::Deserialize;

use crate::demo;
use crate::formulary::{Coded, Formulary, Product};
use crate::regimen::{ACUTE, CHRONIC, DENTAL, OCCASIONAL, PAEDIATRIC, Regimen, Supply, WARD};

/// Treatments are counted in bits of so many words.
const WORDS: usize = 8;
/// Codes for what has no code, as documents state them.
const DUMMIES: [(&str, &str); 3] =
    [("receipt", "666660000"), ("receipt", "777770000"), ("generic", "2000000X0000")];
const AFTER_BREAKFAST: &str = "1011000400000000";
const SPREAD_TWICE: &str = "2B72000000000000";
/// Taken once a week; their quantity is the number of doses.
const WEEKLY: [&str; 1] = ["3999018F2ZZZ"];
/// The usage supplements that documents state: none, once a week, every other day.
pub(super) const SUPPLEMENTS: [&str; 3] = ["", "W0100000", "I1100000"];

/// A set of treatments, by their ordinals.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Treatments([u64; WORDS]);

impl Treatments {
    fn insert(&mut self, treatment: usize) {
        if let Some(word) = self.0.get_mut(treatment / 64) {
            *word |= 1 << (treatment % 64);
        }
    }

    pub(super) fn contains(&self, treatment: u16) -> bool {
        let word = self.0.get(usize::from(treatment / 64)).copied().unwrap_or(0);
        word >> (treatment % 64) & 1 == 1
    }

    pub(super) fn add(&mut self, others: &Self) {
        for (word, other) in self.0.iter_mut().zip(others.0) {
            *word |= other;
        }
    }
}

/// Ordinals of the codes by which one product is dispensed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dispensed {
    pub(super) receipt: u16,
    pub(super) yj: u16,
}

/// A regimen with everything looked up.
#[derive(Debug)]
pub(super) struct Treatment {
    pub(super) form: u8,
    /// The usage, among [`Drugs::usages`].
    pub(super) usage: u8,
    pub(super) supply: Supply,
    pub(super) is_weekly: bool,
    /// As a doctor writes it: by generic name, by YJ code, by receipt code.
    pub(super) prescribed: [u16; 3],
    pub(super) brands: Vec<Dispensed>,
    pub(super) generics: Vec<Dispensed>,
    /// The YJ code with a wrong check digit, if the product has one.
    pub(super) mistyped: Option<u16>,
    /// Treatments with a substance of this one, itself included.
    pub(super) same: Treatments,
    /// Treatments that must not be combined with this one.
    pub(super) clashing: Treatments,
}

/// All treatments and all texts that lines point to.
#[derive(Debug)]
pub(super) struct Drugs {
    /// Every drug as documents state it.
    pub(super) coded: Vec<Coded>,
    pub(super) usages: Vec<&'static str>,
    treatments: Vec<Treatment>,
    /// For common diseases, one of which a clinic treats.
    pub(super) chronic: Vec<u16>,
    /// Every other oral product of the table, so that all codes occur.
    pub(super) rare: Vec<u16>,
    pub(super) rare_external: Vec<u16>,
    pub(super) occasional: Vec<u16>,
    pub(super) acute: Vec<Vec<u16>>,
    pub(super) paediatric: Vec<Vec<u16>>,
    pub(super) dental: Vec<u16>,
    pub(super) ward: Vec<u16>,
    pub(super) dummies: Vec<u16>,
    /// The usage of what is made up at the pharmacy.
    pub(super) spread: u8,
}

impl Drugs {
    pub(super) fn load() -> io::Result<Self> {
        let formulary = Formulary::load()?;
        let mut making = Making { formulary: &formulary, drugs: Self::empty(), substances: vec![] };
        let bundles = |making: &mut Making<'_>, bundles: &[&'static [Regimen]]| {
            bundles.iter().map(|bundle| making.treatments(bundle)).collect::<io::Result<Vec<_>>>()
        };
        let chronic = making.treatments(&CHRONIC)?;
        let occasional = making.treatments(&OCCASIONAL)?;
        let acute = bundles(&mut making, &ACUTE)?;
        let paediatric = bundles(&mut making, &PAEDIATRIC)?;
        let dental = making.treatments(&DENTAL)?;
        let ward = making.treatments(&WARD)?;
        let (rare, rare_external) = making.the_rest()?;
        let dummies = DUMMIES.iter().map(|(system, code)| {
            let name = "院内製剤（架空）".to_owned();
            making.code(Coded { system, code: (*code).to_owned(), name })
        });
        let dummies = dummies.collect::<io::Result<_>>()?;
        let spread = making.usage(SPREAD_TWICE)?;
        making.relate()?;
        let drugs = making.drugs;
        Ok(Self {
            chronic,
            rare,
            rare_external,
            occasional,
            acute,
            paediatric,
            dental,
            ward,
            dummies,
            spread,
            ..drugs
        })
    }

    fn empty() -> Self {
        Self {
            coded: vec![],
            usages: vec![],
            treatments: vec![],
            chronic: vec![],
            rare: vec![],
            rare_external: vec![],
            occasional: vec![],
            acute: vec![],
            paediatric: vec![],
            dental: vec![],
            ward: vec![],
            dummies: vec![],
            spread: 0,
        }
    }

    pub(super) fn treatment(&self, ordinal: u16) -> Option<&Treatment> {
        self.treatments.get(usize::from(ordinal))
    }
}

/// The tables while they are filled.
struct Making<'f> {
    formulary: &'f Formulary,
    drugs: Drugs,
    /// The substances of each treatment, as `ingredient@route`.
    substances: Vec<Vec<&'f str>>,
}

impl<'f> Making<'f> {
    fn treatments(&mut self, regimens: &[Regimen]) -> io::Result<Vec<u16>> {
        let groups = regimens.iter().map(|regimen| {
            let products = self.formulary.interchangeable(regimen.group);
            self.treatment(regimen, &products.brands, &products.generics)
        });
        groups.collect()
    }

    /// Every oral and external group that no regimen names.
    fn the_rest(&mut self) -> io::Result<(Vec<u16>, Vec<u16>)> {
        let named: Vec<&str> = self.drugs.coded.iter().map(|drug| drug.code.as_str()).collect();
        let named: BTreeSet<String> = named.into_iter().map(str::to_owned).collect();
        let mut seen = BTreeSet::new();
        let (mut oral, mut external) = (vec![], vec![]);
        for product in self.formulary.products() {
            let (receipt, group) = (product.by_receipt(), product.by_generic().code);
            if named.contains(&receipt.code) || !seen.insert(group.clone()) {
                continue;
            }
            let is_weekly = WEEKLY.contains(&group.as_str());
            let (form, usage, supply, list) = if product.substances.contains("@oral") {
                (1, AFTER_BREAKFAST, Supply::UntilNextVisit, &mut oral)
            } else if product.substances.contains("@external") {
                (3, SPREAD_TWICE, Supply::Count(1), &mut external)
            } else {
                continue; // Injections and dental products stay at the institution.
            };
            let products = self.formulary.interchangeable(&group);
            let regimen = Regimen { group: "", form, usage, supply };
            let ordinal = self.treatment(&regimen, &products.brands, &products.generics)?;
            if is_weekly && let Some(made) = self.drugs.treatments.last_mut() {
                made.is_weekly = true;
            }
            list.push(ordinal);
        }
        Ok((oral, external))
    }

    fn treatment(
        &mut self,
        regimen: &Regimen,
        brands: &[&'f Product],
        generics: &[&'f Product],
    ) -> io::Result<u16> {
        let Some(first) = brands.first().or(generics.first()) else {
            return Err(fault(format!("no product for {}", regimen.group)));
        };
        let prescribed = [first.by_generic(), first.by_yj(), first.by_receipt()];
        let [generic, yj, receipt] = prescribed.map(|drug| self.code(drug));
        let mistyped = self.mistyped(first)?;
        let treatment = Treatment {
            form: regimen.form,
            usage: self.usage(regimen.usage)?,
            supply: regimen.supply,
            is_weekly: false,
            prescribed: [generic?, yj?, receipt?],
            brands: self.dispensed(brands)?,
            generics: self.dispensed(generics)?,
            mistyped,
            same: Treatments::default(),
            clashing: Treatments::default(),
        };
        let members = brands.iter().chain(generics);
        let mut substances: Vec<_> =
            members.flat_map(|product| product.substances.split(';')).collect();
        substances.sort_unstable();
        substances.dedup();
        self.substances.push(substances);
        let ordinal = self.drugs.treatments.len();
        self.drugs.treatments.push(treatment);
        if ordinal >= WORDS * 64 {
            return Err(fault(format!("more than {} treatments", WORDS * 64)));
        }
        u16::try_from(ordinal).map_err(io::Error::other)
    }

    fn dispensed(&mut self, products: &[&Product]) -> io::Result<Vec<Dispensed>> {
        let both = products.iter().map(|product| {
            let receipt = self.code(product.by_receipt())?;
            Ok(Dispensed { receipt, yj: self.code(product.by_yj())? })
        });
        both.collect()
    }

    /// The same code with its last digit changed: no product has it.
    fn mistyped(&mut self, product: &Product) -> io::Result<Option<u16>> {
        let drug = product.by_yj();
        let Some((rest, last)) = drug.code.split_at_checked(11).filter(|_| drug.system == "yj")
        else {
            return Ok(None);
        };
        let digit = last.parse::<u8>().map_err(io::Error::other)?;
        let code = format!("{rest}{}", (digit + 5) % 10);
        self.code(Coded { code, ..drug }).map(Some)
    }

    fn code(&mut self, drug: Coded) -> io::Result<u16> {
        let known = self.drugs.coded.iter().position(|other| *other == drug);
        let ordinal = known.unwrap_or(self.drugs.coded.len());
        if known.is_none() {
            self.drugs.coded.push(drug);
        }
        u16::try_from(ordinal).map_err(io::Error::other)
    }

    fn usage(&mut self, usage: &'static str) -> io::Result<u8> {
        let known = self.drugs.usages.iter().position(|other| *other == usage);
        let ordinal = known.unwrap_or(self.drugs.usages.len());
        if known.is_none() {
            self.drugs.usages.push(usage);
        }
        u8::try_from(ordinal).map_err(io::Error::other)
    }

    /// Works out which treatments share a substance and which must not meet.
    fn relate(&mut self) -> io::Result<()> {
        let mut holders = BTreeMap::<&str, Treatments>::new();
        for (ordinal, substances) in self.substances.iter().enumerate() {
            for substance in substances {
                holders.entry(substance).or_default().insert(ordinal);
            }
        }
        let pairs: Vec<_> = rules()?.iter().map(|rule| rule.sides(&holders)).collect();
        for (ordinal, treatment) in (0..).zip(&mut self.drugs.treatments) {
            for substance in self.substances.get(usize::from(ordinal)).into_iter().flatten() {
                treatment.same.add(holders.get(substance).unwrap_or(&Treatments::default()));
            }
            for (a, b) in &pairs {
                for (side, partners) in [(a, b), (b, a)] {
                    if side.contains(ordinal) {
                        treatment.clashing.add(partners);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The sides of a contraindication. Products that a side is limited to are not looked at: whoever
/// avoids more than he must avoids what he must.
#[derive(Debug, Deserialize)]
struct Rule {
    a_ingredient: String,
    a_routes: String,
    b_ingredient: String,
    b_routes: String,
}

impl Rule {
    /// The treatments on the one side and on the other.
    fn sides(&self, holders: &BTreeMap<&str, Treatments>) -> (Treatments, Treatments) {
        let side = |ingredient: &str, routes: &str| {
            let mut side = Treatments::default();
            for (substance, treatments) in holders {
                if is_on(ingredient, routes, substance) {
                    side.add(treatments);
                }
            }
            side
        };
        (side(&self.a_ingredient, &self.a_routes), side(&self.b_ingredient, &self.b_routes))
    }
}

fn is_on(ingredient: &str, routes: &str, substance: &str) -> bool {
    substance.split_once('@').is_some_and(|(name, route)| {
        name == ingredient && (routes.is_empty() || routes.split(';').any(|one| one == route))
    })
}

fn rules() -> io::Result<Vec<Rule>> {
    let mut reader = csv::Reader::from_reader(demo::CONTRAINDICATIONS.as_bytes());
    reader.deserialize().map(|rule| rule.map_err(io::Error::from)).collect()
}

fn fault(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
