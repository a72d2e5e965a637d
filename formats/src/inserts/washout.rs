//! Intervals between two drugs, where prose states them in a regular form.
//!
//! | wording | reading |
//! |---|---|
//! | `…を投与中の患者又は投与中止後14日以内の患者` | 14 days after the partner |
//! | `本剤投与中止後…14日間の間隔をあける` | 14 days after the insert's own drug |
//! | `本剤投与開始36時間前に中止` | hours rounded up to days, after the partner |
//! | `それぞれ24時間以上の間隔をあけて` | after either |
//!
//! Ranges (`2～3日間`), months, advice (`望ましい`) and everything else that looks like an interval is
//! kept as text alone.

use unicode_normalization::UnicodeNormalization;

/// Whose end an interval is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// The insert's own drug: the partner must not start before the interval is over.
    Own,
    /// The partner: the insert's own drug must not start before the interval is over.
    Partner,
    /// Either.
    Both,
}

/// One interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Washout {
    /// Days, hours rounded up, and whose end they follow; `None` where the wording is not regular.
    pub days: Option<(u32, Ending)>,
    /// The sentence.
    pub text: String,
}

/// What may stand after a duration that is an interval between two drugs.
const AFTER: [&str; 9] =
    ["以内", "以上", "の間隔", "間隔", "後まで", "経過", "前に中止", "前までに", "は投与"];
/// What ends a treatment.
const MARKS: [&str; 9] = [
    "投与中止後",
    "投与終了後",
    "中止後",
    "終了後",
    "最終投与",
    "中止から",
    "中止してから",
    "投与後",
    "から本剤",
];
/// Words of an interval, by which an irregular one is told from any other duration.
const HINTS: [&str; 6] = ["中止後", "間隔", "以内", "中止から", "時間前", "日前"];
/// The longest interval that is taken; a longer one is a slip of the pen or another thing.
const DAYS_MAX: u32 = 365;

/// The intervals of several texts, each once.
pub(crate) fn read_washouts(texts: &[&str]) -> Vec<Washout> {
    let mut found: Vec<Washout> = Vec::new();
    for text in texts {
        for sentence in text.split(['。', '\n']) {
            for washout in sentence_washouts(sentence) {
                let known = |other: &Washout| match washout.days {
                    Some(_) => other.days == washout.days,
                    None => *other == washout,
                };
                if !found.iter().any(known) {
                    found.push(washout);
                }
            }
        }
    }
    found
}

fn sentence_washouts(sentence: &str) -> Vec<Washout> {
    let plain: String = sentence.nfkc().filter(|c| !c.is_whitespace()).collect();
    let mut washouts: Vec<Washout> = Vec::new();
    let mut irregular = false;
    let mut rest = plain.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest.get(start..).unwrap_or_default();
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let (count, after) = digits.split_at_checked(end).unwrap_or((digits, ""));
        let place = plain.len().saturating_sub(rest.len()).saturating_add(start);
        let before = plain.get(..place).unwrap_or_default();
        rest = after;
        let Some(duration) = Duration::read(count, before, after) else { continue };
        match duration.interval(&plain, before) {
            Some(days) => washouts.push(Washout { days: Some(days), text: sentence.to_owned() }),
            None => irregular |= HINTS.iter().any(|hint| plain.contains(hint)),
        }
    }
    if irregular && washouts.is_empty() {
        washouts.push(Washout { days: None, text: sentence.trim().to_owned() });
    }
    washouts
}

/// A number with a unit of time.
struct Duration<'t> {
    /// `None` for a range, or a unit that is no fixed number of days.
    days: Option<u32>,
    after: &'t str,
}

impl<'t> Duration<'t> {
    fn read(count: &str, before: &str, after: &'t str) -> Option<Self> {
        let range = |c: char| "~〜～-–−".contains(c);
        let fraction = |c: char| c == '.' || c == '/';
        if after.starts_with(|c: char| range(c) || fraction(c)) {
            // The number after it stands for both.
            return None;
        }
        let ranged = before.ends_with(|c: char| range(c) || fraction(c));
        let number: Option<u32> = count.parse().ok();
        let (days, after) = if let Some(after) = after.strip_prefix("時間") {
            (number.map(|hours| hours.div_ceil(24)), after)
        } else if let Some(after) = after.strip_prefix("週間").or(after.strip_prefix('週')) {
            (number.and_then(|weeks| weeks.checked_mul(7)), after)
        } else if let Some(after) = after.strip_prefix("日間").or(after.strip_prefix('日')) {
            (number, after)
        } else {
            let months = ["か月", "カ月", "ヵ月", "ヶ月", "ケ月", "箇月", "年間"];
            let after = months.iter().find_map(|unit| after.strip_prefix(unit))?;
            (None, after)
        };
        let days = days.filter(|days| !ranged && (1..=DAYS_MAX).contains(days));
        Some(Self { days, after })
    }

    /// The days and whose end they follow, if the sentence says both in a known way.
    fn interval(&self, sentence: &str, before: &str) -> Option<(u32, Ending)> {
        let days = self.days?;
        let stated = AFTER.iter().any(|word| self.after.starts_with(word));
        if !stated || sentence.contains("望ましい") {
            return None;
        }
        if self.after.starts_with('前') {
            let own = before.contains("本剤") && before.contains("開始");
            return own.then_some((days, Ending::Partner));
        }
        if ["それぞれ", "前後して", "互いに", "相互に"].iter().any(|word| sentence.contains(word))
        {
            return Some((days, Ending::Both));
        }
        let ending = match before.rfind("本剤から") {
            Some(_) if sentence.contains("切り替") || sentence.contains("切替") => Ending::Own,
            _ => ending_before(before)?,
        };
        Some((days, ending))
    }
}

/// Whose treatment the nearest mark before the duration ends.
fn ending_before(before: &str) -> Option<Ending> {
    let nearest = MARKS.iter().filter_map(|mark| Some((before.rfind(mark)?, *mark)));
    // The longest of the marks that end at the same place tells where the subject ends.
    let (place, mark) =
        nearest.max_by_key(|(place, mark)| (place.saturating_add(mark.len()), mark.len()))?;
    if mark == "から本剤" {
        return Some(Ending::Partner);
    }
    let subject = before.get(..place)?;
    let subject = subject.trim_end_matches(['を', 'の', 'は']);
    let subject = subject.strip_suffix("投与").unwrap_or(subject);
    let subject = subject.trim_end_matches(['を', 'の', 'は']);
    let clause = subject.rsplit(['、', '，', ',']).next().unwrap_or(subject);
    let joined = ["本剤及び", "本剤又は", "本剤と", "又は本剤", "及び本剤", "本剤または"];
    if joined.iter().any(|words| clause.contains(words)) {
        return Some(Ending::Both);
    }
    Some(if subject.ends_with("本剤") { Ending::Own } else { Ending::Partner })
}

#[cfg(test)]
mod tests;
