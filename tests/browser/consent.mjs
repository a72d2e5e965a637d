// What may not be told is nowhere: not on the page, not in its state, not in any answer that the browser
// received. What is hidden is learnt beside the browser, from the answers to full consent.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { DRUGS, HOSPITAL, PATIENT, check, consent, prescribe } from "./patient.mjs";
import { end, open, post, serve } from "./site.mjs";

/** Everything that names something of a record. */
function words({ document, drug, basis_day: first, end_day: last, institution, pharmacy }) {
  const places = [institution, pharmacy].filter(Boolean).flatMap(({ code, name }) => [code, name]);
  return [document, drug.code, drug.name, first, last, ...places].filter(Boolean);
}

/** All that the page shows, holds in attributes and fields, or keeps in its state. */
const everything = (page) => page.evaluate(async () => {
  const { state } = await import("/console/state.js");
  const fields = [...document.querySelectorAll("input, textarea, select")].map((field) => field.value);
  return [document.documentElement.outerHTML, JSON.stringify(state), fields.join("\n"),
    JSON.stringify([localStorage, sessionStorage]), document.cookie, location.href].join("\n");
});

const found = (hidden, text) => [...hidden].filter((word) => text.includes(word));

describe("consent", () => {
  let site;
  let secret;
  before(async () => {
    site = await serve();
    const actor = { kind: "medical_institution", code: HOSPITAL };
    const asked = { patient: PATIENT, actor, consent: { level: "full" } };
    const { value: { records } } = await post(site.address, "/v1/history", asked);
    const lines = [["receipt", "620007880"], ["yj", "6149003F2100"], ["yj", "2233002F2022"]].map(
      ([system, code]) => ({ rp: 1, drug: { system, code }, form: 1 }));
    const { value: { findings } } = await post(site.address, "/v1/check", { ...asked, lines });
    const evidence = findings.flatMap((finding) => finding.evidence);
    const told = new Set(evidence.flatMap(words));
    const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Tokyo" }).format(new Date());
    const past = new Set([...records.flatMap(words), ...findings.map(({ partner }) => partner?.name).filter(Boolean)]);
    // Days may be those of the check itself, and the asker is known to itself.
    for (const known of [today, HOSPITAL]) past.delete(known);
    secret = { none: past, oral: new Set([...past].filter((word) => !told.has(word) && word !== "スボレキサント")) };
    assert.ok(secret.none.has("ノルバスク錠５ｍｇ") && secret.oral.has("ロキソニン錠６０ｍｇ"), "there is something to hide");
    assert.ok(!secret.oral.has("ノルバスク錠５ｍｇ"));
  });
  after(() => end(site));

  for (const level of ["none", "oral", "full"]) {
    it(`${level}: tells what it allows and nothing else`, async () => {
      const { page, bodies, close } = await open(site.address);
      await prescribe(page, DRUGS);
      // Consent is chosen before anything is asked, so that no answer may hold more than it allows.
      await page.check(level === "none" ? "#f-consent-level" : `#f-consent-${level}`);
      if (level === "oral") await page.fill("#f-consent-recorded_by", "dr-017");
      await check(page, "findings");
      if (level === "full") await page.locator(".timeline .legend").waitFor();
      const received = bodies.map(({ body }) => body).join("\n");
      const shown = await everything(page);
      if (level === "full") {
        assert.ok(found(secret.none, shown).length > 10, "full consent tells the past");
        assert.equal(await page.locator(".considered").count(), 1);
      } else {
        assert.deepEqual(found(secret[level], received), [], "in an answer");
        assert.deepEqual(found(secret[level], shown), [], "on the page");
        assert.equal(await page.locator(".considered").count(), 0, "no counts");
      }
      assert.equal(await page.locator(".timeline .drawing").count(), level === "none" ? 0 : 1);
      assert.equal(await page.locator(".finding").count(), 2);
      await close();
    });
  }

  it("taken back: everything goes that is told no longer", async () => {
    const { page, bodies, close } = await open(site.address);
    await prescribe(page);
    await check(page, "findings");
    await consent(page, "full");
    assert.ok(found(secret.none, await everything(page)).length > 10);
    await page.locator(".timeline .period[data-at]").first().focus();
    const before = bodies.length;
    await consent(page, "oral", "dr-017");
    assert.deepEqual(found(secret.oral, await everything(page)), []);
    await consent(page, "none");
    assert.deepEqual(found(secret.none, await everything(page)), []);
    const sent = bodies.slice(before).filter(({ url }) => url.endsWith("/v1/history"));
    assert.deepEqual(sent, [], "the history is not asked for again");
    await close();
  });

  it("taken back while the answer is on its way: the answer is not shown", async () => {
    const { page, close } = await open(site.address);
    await prescribe(page);
    await check(page, "findings");
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    let arrived;
    const answered = new Promise((resolve) => { arrived = resolve; });
    await page.route("**/v1/check", async (route) => {
      if (route.request().postDataJSON().consent.level !== "full") return route.continue();
      const response = await route.fetch();
      await held;
      await route.fulfill({ response }).catch(() => {});
      return arrived();
    });
    await page.check("#f-consent-full");
    await page.locator(".verdict.asking").waitFor();
    await consent(page, "none");
    release();
    await answered;
    await page.waitForTimeout(200);
    assert.deepEqual(found(secret.none, await everything(page)), []);
    assert.equal(await page.locator(".finding .withheld").count(), 2);
    await close();
  });

  it("oral needs who took it, and nothing old stands there meanwhile", async () => {
    const { page, bodies, close } = await open(site.address);
    await prescribe(page);
    await check(page, "findings");
    const before = bodies.length;
    await page.check("#f-consent-oral");
    await page.locator(".verdict.recorder").waitFor();
    assert.equal(await page.locator(".finding").count(), 0);
    assert.equal(bodies.length, before, "nothing is asked without it");
    await close();
  });

  it("offers no examples where the server has none, and keeps the patient out of addresses", async () => {
    const { page, bodies, close } = await open(site.address);
    assert.equal(await page.locator(".examples").count(), 0);
    await prescribe(page);
    await check(page, "findings");
    const addresses = [...bodies.map(({ url }) => decodeURIComponent(url)), page.url()].join("\n");
    for (const part of [PATIENT.insurer, PATIENT.symbol, PATIENT.number]) assert.ok(!addresses.includes(part), part);
    assert.equal(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length), 0);
    await close();
  });
});
