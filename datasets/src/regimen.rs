//! What is prescribed for what: the courses that demo patients draw from.
//!
//! A group is a generic-name code or, where none exists, a code of one product; a test checks
//! that each names products. Usage codes are those of the national usage master that both its
//! editions (before and from 2025-11) hold.

/// How a drug is taken and supplied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Regimen {
    /// See the module.
    pub(crate) group: &'static str,
    /// Dosage form (剤形区分).
    pub(crate) form: u8,
    pub(crate) usage: &'static str,
    pub(crate) supply: Supply,
}

/// What the dispensing quantity (調剤数量) counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Supply {
    /// As many days as the visit covers.
    UntilNextVisit,
    /// The same, but no more than this: a legal limit, as for psychotropics (向精神薬). Such a drug
    /// cannot be on a refill prescription.
    UntilNextVisitAtMost(u32),
    /// A course of its own length in days.
    Days(u32),
    /// A number of doses, or 1 for external drugs: no days.
    Count(u32),
}

const MORNING: &str = "1011000400000000";
const EVENING: &str = "1011040000000000";
const BEDTIME: &str = "1011100000000000";
const TWICE: &str = "1012040400000000";
const THREE_TIMES: &str = "1013044400000000";
const FOR_PAIN: &str = "1050110000000000";
const FOR_HEADACHE: &str = "1050120000000000";
const FOR_CONSTIPATION: &str = "1050410000000000";
const FOR_SLEEPLESSNESS: &str = "1050610000000000";
const FOR_FEVER: &str = "1050710000000000";
const PATCH_DAILY: &str = "2A71000000000000";
const SPREAD_TWICE: &str = "2B72000000000000";
const EYE_DAILY: &str = "2H71000000000000";
const EYE_TWICE: &str = "2H72000000000000";
const INHALE_TWICE: &str = "2L72000000000000";

const fn chronic(group: &'static str, usage: &'static str) -> Regimen {
    Regimen { group, form: 1, usage, supply: Supply::UntilNextVisit }
}

const fn limited(group: &'static str, usage: &'static str, days: u32) -> Regimen {
    Regimen { group, form: 1, usage, supply: Supply::UntilNextVisitAtMost(days) }
}

const fn course(group: &'static str, usage: &'static str, days: u32) -> Regimen {
    Regimen { group, form: 1, usage, supply: Supply::Days(days) }
}

const fn as_needed(group: &'static str, usage: &'static str, doses: u32) -> Regimen {
    Regimen { group, form: 2, usage, supply: Supply::Count(doses) }
}

const fn external(group: &'static str, usage: &'static str) -> Regimen {
    Regimen { group, form: 3, usage, supply: Supply::Count(1) }
}

/// Taken for years; a patient has a few of them from one clinic.
pub(crate) const CHRONIC: [Regimen; 44] = [
    chronic("2171022F2ZZZ", MORNING),     // amlodipine 5 mg
    chronic("2171022F1ZZZ", MORNING),     // amlodipine 2.5 mg
    chronic("2171022F4ZZZ", MORNING),     // amlodipine 5 mg, orally disintegrating
    chronic("2149114F1ZZZ", MORNING),     // valsartan and amlodipine
    chronic("2149117F1ZZZ", MORNING),     // telmisartan and amlodipine
    chronic("2149040F3ZZZ", MORNING),     // candesartan
    chronic("2149042F2ZZZ", MORNING),     // telmisartan
    chronic("2149044F6ZZZ", MORNING),     // olmesartan
    chronic("2149048F1ZZZ", MORNING),     // azilsartan
    chronic("2149041F3ZZZ", MORNING),     // valsartan
    chronic("2171014G4ZZZ", MORNING),     // nifedipine
    chronic("2123016F1ZZZ", MORNING),     // bisoprolol
    chronic("2139005F1ZZZ", MORNING),     // furosemide
    chronic("2133001F1ZZZ", MORNING),     // spironolactone
    chronic("2189015F2ZZZ", EVENING),     // atorvastatin
    chronic("2189017F1ZZZ", EVENING),     // rosuvastatin
    chronic("2189016F2ZZZ", EVENING),     // pitavastatin
    chronic("2189018F1ZZZ", MORNING),     // ezetimibe
    chronic("3962002F2027", TWICE),       // metformin
    chronic("3969010F2030", MORNING),     // sitagliptin
    chronic("3969014F1024", MORNING),     // linagliptin
    chronic("3969023F1023", MORNING),     // empagliflozin
    chronic("3961008F1ZZZ", MORNING),     // glimepiride
    chronic("3949003F2ZZZ", MORNING),     // febuxostat
    chronic("3399007H1ZZZ", MORNING),     // aspirin, enteric
    chronic("3399008F2ZZZ", MORNING),     // clopidogrel
    chronic("3332001F1130", MORNING),     // warfarin
    chronic("3339004F2025", TWICE),       // apixaban
    chronic("3339002F5025", MORNING),     // edoxaban
    chronic("2329023F1ZZZ", MORNING),     // lansoprazole
    chronic("2329029M2ZZZ", MORNING),     // esomeprazole
    chronic("2329030F1020", MORNING),     // vonoprazan
    chronic("2344009F2ZZZ", TWICE),       // magnesium oxide
    chronic("3112006M2ZZZ", MORNING),     // eldecalcitol
    chronic("2590008F2ZZZ", EVENING),     // tamsulosin
    chronic("4490026F2ZZZ", BEDTIME),     // montelukast
    limited("1129009F1ZZZ", BEDTIME, 30), // zolpidem
    chronic("1129010F2ZZZ", BEDTIME),     // eszopiclone
    chronic("1190027F2029", BEDTIME),     // lemborexant
    chronic("1190023F1024", BEDTIME),     // suvorexant
    chronic("1179054F1ZZZ", EVENING),     // escitalopram
    chronic("1190012F4ZZZ", MORNING),     // donepezil
    chronic("2431004F1056", MORNING),     // levothyroxine
    chronic("1190017F2ZZZ", TWICE),       // pregabalin
];

/// A cold, an infection, a pain: what one visit hands out together.
pub(crate) const ACUTE: [&[Regimen]; 10] = [
    // A cold.
    &[
        course("2233002F2ZZZ", THREE_TIMES, 5),
        course("3327002F1ZZZ", THREE_TIMES, 5),
        as_needed("1141007F3ZZZ", FOR_FEVER, 10),
    ],
    // A cold, with the combined product.
    &[course("1180107D1ZZZ", THREE_TIMES, 4), course("2223001F2ZZZ", THREE_TIMES, 4)],
    // Bronchitis.
    &[course("6149003F2100", TWICE, 7), course("2239001F1ZZZ", THREE_TIMES, 7)],
    // A urinary infection.
    &[course("6241013F3ZZZ", MORNING, 5)],
    // Pain, with a stomach protector and a tape.
    &[
        course("1149019F1ZZZ", THREE_TIMES, 7),
        course("2329021F1102", THREE_TIMES, 7),
        external("2649735SBZZZ", PATCH_DAILY),
    ],
    // Pain, as needed.
    &[as_needed("1149019F1ZZZ", FOR_PAIN, 10), external("2649729SCZZZ", PATCH_DAILY)],
    // Pain of the back.
    &[course("1149037F1ZZZ", TWICE, 14), course("1249009F1ZZZ", THREE_TIMES, 14)],
    // Hay fever.
    &[course("4490023F1ZZZ", TWICE, 28), external("1319752Q1ZZZ", EYE_TWICE)],
    // Shingles.
    &[course("6250019F1ZZZ", THREE_TIMES, 7), as_needed("1141007F3ZZZ", FOR_PAIN, 20)],
    // Migraine.
    &[as_needed("2160003F1ZZZ", FOR_HEADACHE, 4), as_needed("2160005F1ZZZ", FOR_HEADACHE, 6)],
];

/// What dentists prescribe after a treatment.
pub(crate) const DENTAL: [Regimen; 3] = [
    course("6132016F2020", THREE_TIMES, 3),
    as_needed("1149019F1ZZZ", FOR_PAIN, 5),
    as_needed("1141007F1ZZZ", FOR_PAIN, 10),
];

/// Added to a chronic visit now and then.
pub(crate) const OCCASIONAL: [Regimen; 8] = [
    as_needed("2354003F2ZZZ", FOR_CONSTIPATION, 14),
    as_needed("1124009F1ZZZ", FOR_SLEEPLESSNESS, 14),
    as_needed("1149019F1ZZZ", FOR_PAIN, 20),
    external("2649735SBZZZ", PATCH_DAILY),
    external("3339950M1ZZZ", SPREAD_TWICE),
    external("1319739Q1ZZZ", EYE_DAILY),
    external("1319720Q3ZZZ", EYE_TWICE),
    external("2290801G2ZZZ", INHALE_TWICE),
];

/// Children get a small choice.
pub(crate) const PAEDIATRIC: [&[Regimen]; 3] = [
    &[course("6149003R1143", TWICE, 5), external("2259707S3ZZZ", PATCH_DAILY)],
    &[as_needed("1141007C1075", FOR_FEVER, 5)],
    &[course("620003073", THREE_TIMES, 5), external("3339950M1ZZZ", SPREAD_TWICE)],
];

/// Given on a ward, and taken home at discharge.
pub(crate) const WARD: [Regimen; 4] = [
    course("2329023F1ZZZ", MORNING, 14),
    course("1149019F1ZZZ", THREE_TIMES, 14),
    course("2344009F2ZZZ", TWICE, 14),
    course("6132016F2020", THREE_TIMES, 5),
];
