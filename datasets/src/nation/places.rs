//! Where a nation goes: institutions of every prefecture, in numbers that grow with the nation.

use crate::random::Random;

/// Inhabitants of the prefectures in ten thousands, from 01 to 47, by the census of 2020 (総務省).
const INHABITANTS: [u32; 47] = [
    522, 124, 121, 230, 96, 107, 183, 287, 193, 194, 734, 628, 1405, 924, 220, 103, 113, 77, 81,
    205, 198, 363, 754, 177, 141, 258, 884, 547, 132, 92, 55, 67, 189, 280, 134, 72, 95, 134, 69,
    514, 81, 131, 174, 112, 107, 159, 147,
];
/// The nation that the numbers of institutions belong to, in patients.
const WHOLE: u64 = 80_000_000;
/// Point table, how many there are in the whole nation, how many a prefecture has at least (the
/// worst patients need 29 pharmacies), and what they are called.
const SORTS: [(u64, u64, u64, &str); 3] =
    [(1, 113_000, 20, "医院"), (3, 67_000, 5, "歯科"), (4, 60_000, 30, "薬局")];
/// Institution numbers start here: nobody's number begins with 98 or 99.
const FIRST_NUMBER: u64 = 980_001;
/// The last number that still begins with 99.
const NUMBERS: u64 = 19_999;

/// What an institution is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sort {
    Medical,
    Dental,
    Pharmacy,
}

/// Institutions by ordinal: prefecture after prefecture, in each the sorts one after the other.
#[derive(Debug)]
pub(super) struct Places {
    /// The codes, ten digits each, without anything between.
    codes: String,
    names: String,
    prefectures: Vec<[Row; 3]>,
    /// How many inhabitants live in the prefectures up to and with this one.
    inhabitants: Vec<u32>,
}

/// Institutions that follow each other.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    first: u32,
    count: u32,
}

impl Places {
    /// The institutions of a nation of so many patients.
    pub(super) fn of(patients: u64) -> Self {
        let total = u64::from(INHABITANTS.iter().sum::<u32>());
        let mut places = Self {
            codes: String::new(),
            names: String::from("code,name\n"),
            prefectures: vec![],
            inhabitants: vec![],
        };
        let (mut first, mut living) = (0, 0);
        for (prefecture, inhabitants) in (1..).zip(INHABITANTS) {
            living += inhabitants;
            places.inhabitants.push(living);
            let rows = SORTS.map(|(table, whole, least, name)| {
                let scaled = u128::from(whole) * u128::from(patients) * u128::from(inhabitants);
                let scaled = scaled / u128::from(WHOLE * total);
                let count = u64::try_from(scaled).unwrap_or(NUMBERS).clamp(least, NUMBERS);
                for number in 0..count {
                    places.add(prefecture, table, FIRST_NUMBER + number, name);
                }
                let row = Row { first, count: u32::try_from(count).unwrap_or_default() };
                first += row.count;
                row
            });
            places.prefectures.push(rows);
        }
        places
    }

    fn add(&mut self, prefecture: u64, table: u64, number: u64, name: &str) {
        let digit = check_digit(number);
        let prefecture = format!("{prefecture:02}");
        let code = format!("{prefecture}{table}{number}{digit}");
        self.codes.push_str(&code);
        for part in [&code, ",架空", name, &prefecture, "-", &number.to_string(), "\n"] {
            self.names.push_str(part);
        }
    }

    /// Codes in the order of their ordinals.
    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        (0..self.codes.len() / 10).map(|ordinal| self.code_at(ordinal * 10))
    }

    pub(super) fn code(&self, ordinal: u32) -> &str {
        self.code_at(usize::try_from(ordinal).unwrap_or_default() * 10)
    }

    fn code_at(&self, start: usize) -> &str {
        self.codes.get(start..start + 10).unwrap_or_default()
    }

    /// The table `institutions.csv`.
    pub(super) fn table(&self) -> &str {
        &self.names
    }

    /// Where somebody lives, from 0: as likely as it has inhabitants.
    pub(super) fn home(&self, random: &mut Random) -> u8 {
        let living = random.below(self.inhabitants.last().copied().unwrap_or(1));
        let prefecture = self.inhabitants.partition_point(|up_to| *up_to <= living);
        u8::try_from(prefecture).unwrap_or_default()
    }

    /// An institution of a prefecture, the popular ones more often.
    pub(super) fn choose(&self, home: u8, sort: Sort, random: &mut Random) -> u32 {
        let Row { first, count } = self.row(home, sort);
        first + random.skewed(count)
    }

    /// The pharmacy at the gate of an institution, which is as popular as that.
    pub(super) fn gate(&self, home: u8, institution: u32) -> u32 {
        let pharmacies = self.row(home, Sort::Pharmacy);
        let medical = self.row(home, Sort::Medical);
        let place = u64::from(institution.saturating_sub(medical.first) % medical.count.max(1));
        let scaled = place * u64::from(pharmacies.count) / u64::from(medical.count.max(1));
        pharmacies.first + u32::try_from(scaled).unwrap_or_default()
    }

    /// The `n`-th pharmacy after any one, for those who go from one to the next.
    pub(super) fn pharmacy_after(&self, home: u8, start: u32, n: u32) -> u32 {
        let Row { first, count } = self.row(home, Sort::Pharmacy);
        first + (start.saturating_sub(first) + n) % count.max(1)
    }

    fn row(&self, home: u8, sort: Sort) -> Row {
        let [medical, dental, pharmacies] =
            self.prefectures.get(usize::from(home)).copied().unwrap_or_default();
        match sort {
            Sort::Medical => medical,
            Sort::Dental => dental,
            Sort::Pharmacy => pharmacies,
        }
    }
}

/// The last digit of institution and insurer numbers: the digits weighted 2, 1, 2, … from the
/// right, the digits of each product summed, filled up to a multiple of ten.
pub(super) fn check_digit(number: u64) -> u64 {
    let (mut rest, mut sum, mut weight) = (number, 0, 2);
    while rest > 0 {
        let product = rest % 10 * weight;
        sum += product / 10 + product % 10;
        weight = 3 - weight;
        rest /= 10;
    }
    (10 - sum % 10) % 10
}
