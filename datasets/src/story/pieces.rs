//! Short words in which the stories are told: drugs, lines, documents, requests.

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::{
    formulary::Coded,
    person::Identity,
    visit::{Document, Line, shift},
};

pub(super) const HOSPITAL: &str = "1319900010";
pub(super) const MEDICINE: &str = "1419900028";
pub(super) const ORTHOPAEDICS: &str = "1119900036";
pub(super) const PSYCHIATRY: &str = "1119900069";
pub(super) const CARDIOLOGY: &str = "1319900077";
pub(super) const UROLOGY: &str = "1419900119";
pub(super) const NEUROLOGY: &str = "1119900127";

pub(super) const PHARMACY: &str = "1449900028";
pub(super) const OTHER_PHARMACY: &str = "1149900069";

pub(super) const MORNING: &str = "1011000400000000";
pub(super) const BEDTIME: &str = "1011100000000000";
pub(super) const TWICE: &str = "1012040400000000";
pub(super) const THREE_TIMES: &str = "1013044400000000";
pub(super) const FOR_PAIN: &str = "1050110000000000";
pub(super) const PATCH_DAILY: &str = "2A71000000000000";

/// A drug by system, code and name, as the drug table has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drug(pub(super) &'static str, pub(super) &'static str, pub(super) &'static str);

pub(super) const NORVASC: Drug = Drug("yj", "2171022F2025", "ノルバスク錠５ｍｇ");
pub(super) const AMLODIPINE: Drug = Drug("receipt", "620007880", "アムロジピン錠５ｍｇ「トーワ」");
pub(super) const AMLODIPINE_GENERIC: Drug =
    Drug("generic", "2171022F2ZZZ", "【般】アムロジピン錠５ｍｇ");
pub(super) const EXFORGE: Drug = Drug("yj", "2149114F1021", "エックスフォージ配合錠");
pub(super) const BELSOMRA: Drug = Drug("yj", "1190023F1024", "ベルソムラ錠１５ｍｇ");
pub(super) const CLARITHROMYCIN: Drug =
    Drug("yj", "6149003F2100", "クラリスロマイシン錠２００ｍｇ「サワイ」");
pub(super) const MUCODYNE: Drug = Drug("yj", "2233002F2022", "ムコダイン錠５００ｍｇ");
pub(super) const LOXONIN: Drug = Drug("yj", "1149019F1560", "ロキソニン錠６０ｍｇ");
pub(super) const LOXOPROFEN_GENERIC: Drug =
    Drug("generic", "1149019F1ZZZ", "【般】ロキソプロフェンＮａ錠６０ｍｇ");
pub(super) const LOXONIN_TAPE: Drug = Drug("yj", "2649735S3020", "ロキソニンテープ１００ｍｇ");
pub(super) const CRESTOR: Drug = Drug("yj", "2189017F1022", "クレストール錠２．５ｍｇ");
pub(super) const ROSUVASTATIN_GENERIC: Drug =
    Drug("generic", "2189017F1ZZZ", "【般】ロスバスタチン錠２．５ｍｇ");
pub(super) const THYRADIN: Drug = Drug("yj", "2431004F1056", "チラーヂンＳ錠５０μｇ");
pub(super) const FP: Drug = Drug("yj", "1169010F2020", "エフピーＯＤ錠２．５");
pub(super) const PAROXETINE_GENERIC: Drug =
    Drug("generic", "1179041F2ZZZ", "【般】パロキセチン錠２０ｍｇ");
pub(super) const ZOLPIDEM: Drug =
    Drug("receipt", "622141901", "ゾルピデム酒石酸塩錠５ｍｇ「トーワ」");
pub(super) const MYSLEE: Drug = Drug("yj", "1129009F1025", "マイスリー錠５ｍｇ");
pub(super) const WARFARIN: Drug = Drug("yj", "3332001F1130", "ワルファリンＫ錠１ｍｇ「ＮＩＧ」");
pub(super) const FLORID_GEL: Drug = Drug("yj", "6290003X1039", "フロリードゲル経口用２％");
pub(super) const FRANDOL_TAPE: Drug = Drug("yj", "2171700S1095", "フランドルテープ４０ｍｇ");
pub(super) const ZALUTIA: Drug = Drug("yj", "2590016F2027", "ザルティア錠５ｍｇ");
pub(super) const DUMMY: Drug = Drug("receipt", "666660000", "院内製剤（架空）");
pub(super) const TAKEPRON: Drug = Drug("yj", "2329023F1020", "タケプロンＯＤ錠１５");
pub(super) const LANSOPRAZOLE_GENERIC: Drug =
    Drug("generic", "2329023F1ZZZ", "【般】ランソプラゾール口腔内崩壊錠１５ｍｇ");
pub(super) const PARACETAMOL_POWDER: Drug =
    Drug("yj", "1141001X1118", "アセトアミノフェン「ＪＧ」原末");
pub(super) const CALONAL_GRANULES: Drug = Drug("yj", "1141007C1075", "カロナール細粒２０％");
pub(super) const BLOPRESS: Drug = Drug("yj", "2149040F3029", "ブロプレス錠８");
pub(super) const CANDESARTAN_GENERIC: Drug =
    Drug("generic", "2149040F3ZZZ", "【般】カンデサルタン錠８ｍｇ");

/// A drug with its dosage form (剤形区分), quantity and usage.
pub(super) type Dose = (Drug, u8, u32, &'static str);

pub(super) fn line((drug, form, quantity, usage): Dose) -> Line {
    let drug = Coded { system: drug.0, code: drug.1.to_owned(), name: drug.2.to_owned() };
    Line { drug, form, quantity, usage: usage.to_owned() }
}

/// A prescription of `days_ago`, and its result of `dispensed_ago` at `pharmacy`.
pub(super) struct Supplied<'a> {
    pub(super) id: &'a str,
    pub(super) institution: &'a str,
    pub(super) prescribed_ago: i64,
    pub(super) pharmacy: &'a str,
    pub(super) dispensed_ago: i64,
    pub(super) dose: Dose,
}

impl Supplied<'_> {
    /// Both documents, the prescription first.
    pub(super) fn documents(&self, today: Date) -> [Document; 2] {
        let prescription =
            prescribed(self.id, self.institution, today, self.prescribed_ago, self.dose);
        let day = shift(today, -self.dispensed_ago);
        let id = format!("story-{}-dp", self.id);
        let result = prescription.dispensed(id, day, self.pharmacy, vec![line(self.dose)]);
        [prescription, result]
    }
}

/// A prescription alone.
pub(super) fn prescribed(
    id: &str,
    institution: &str,
    today: Date,
    days_ago: i64,
    dose: Dose,
) -> Document {
    let id = format!("story-{id}-rx");
    Document::prescription(id, shift(today, -days_ago), institution, vec![line(dose)])
}

/// A request of a medical institution with consent to see everything, under the official policy.
pub(super) fn asks(institution: &str, patient: &Identity, today: Date, doses: &[Dose]) -> Value {
    let lines: Vec<Value> =
        doses.iter().zip(1..).map(|(dose, rp)| request_line(rp, *dose)).collect();
    let mut identity = json!({
        "insurer": patient.insurer, "symbol": patient.symbol, "number": patient.number,
    });
    if !patient.branch.is_empty()
        && let Some(object) = identity.as_object_mut()
    {
        object.insert("branch".to_owned(), json!(patient.branch));
    }
    json!({
        "patient": identity,
        "as_of": today.to_string(),
        "actor": {"kind": "medical_institution", "code": institution},
        "own_institution": "exclude",
        "consent": {"level": "full"},
        "policy": "official",
        "lines": lines,
    })
}

fn request_line(rp: u32, (drug, form, quantity, usage): Dose) -> Value {
    json!({
        "rp": rp,
        "drug": {"system": drug.0, "code": drug.1, "name": drug.2},
        "form": form,
        "quantity": quantity.to_string(),
        "usage": usage,
    })
}
