// The patient of the tests: takes a brand from one clinic and a sleeping drug from another, as the first
// story of the demo data says. Typed by hand, as a prescriber would.

export const PATIENT = { insurer: "06999999", symbol: "架空", number: "90001", branch: "01" };
export const HOSPITAL = "1319900010";
/** A duplicate, a contraindication, and a line that is clear. */
export const DRUGS = [
  { text: "アムロジピン錠５ｍｇ「トーワ」", days: "28" },
  { text: "クラリスロマイシン錠２００ｍｇ「サワイ」", days: "7" },
  { text: "ムコダイン錠５００ｍｇ", days: "7" },
];

/** Who is asked about, and who asks. */
export async function identify(page, patient = PATIENT, actor = HOSPITAL) {
  for (const [name, value] of Object.entries(patient)) await page.fill(`#f-patient-${name}`, value);
  await page.fill("#f-actor-code", actor);
}

/** Finds a drug by the beginning of its name and takes the first that is offered. */
export async function addDrug(page, at, { text, days }) {
  if (at > 0) await page.click(".add");
  await page.fill(`#f-lines-${at}-drug`, text);
  await page.locator(`#f-lines-${at}-drug-option-0`).click();
  await page.fill(`#f-lines-${at}-quantity`, days);
}

/** Fills everything that is asked. */
export async function prescribe(page, drugs = DRUGS, patient = PATIENT, actor = HOSPITAL) {
  await identify(page, patient, actor);
  for (const [at, drug] of drugs.entries()) await addDrug(page, at, drug);
}

/** Presses the button, and waits for the outcome of that class. */
export async function check(page, outcome) {
  await page.click(".go .primary");
  await page.locator(`.verdict.${outcome}`).waitFor();
}

/** Chooses how much may be told, and waits until the answer to that is there. */
export async function consent(page, level, recordedBy) {
  await page.check(level === "none" ? "#f-consent-level" : `#f-consent-${level}`);
  if (level === "oral") {
    await page.fill("#f-consent-recorded_by", recordedBy);
    await page.press("#f-consent-recorded_by", "Enter");
  }
  await page.locator(".verdict.findings, .verdict.clear, .verdict.incomplete, .verdict.failed").waitFor();
  if (level === "full") await page.locator(".timeline .legend, .timeline .empty, .timeline .failure").first().waitFor();
}

/** Judges every finding acceptable. */
export async function judge(page, reason) {
  const count = await page.locator(".finding").count();
  for (let at = 0; at < count; at += 1) {
    const finding = page.locator(".finding").nth(at);
    await finding.locator(".judgement [type=checkbox]").check();
    await finding.locator(".reason input").fill(reason);
  }
  return count;
}
