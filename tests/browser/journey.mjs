// From a patient to a registered prescription: the whole way of a prescriber, and what can go wrong at
// its end.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { addDrug, check, consent, identify, judge, prescribe } from "./patient.mjs";
import { demo, end, open, post } from "./site.mjs";

describe("a prescriber", () => {
  let site;
  before(async () => { site = await demo(); });
  after(() => end(site));

  it("finds a duplicate, sees evidence, judges, registers, and checks again", async () => {
    const { page, faults, foreign, close } = await open(site.address);
    await prescribe(page);
    await check(page, "findings");
    assert.equal(await page.locator(".verdict-title").innerText(), "併用禁忌 1件・重複投薬 1件");
    const kinds = await page.locator(".finding .tag").allInnerTexts();
    assert.deepEqual(kinds.map((text) => text.slice(-4)), ["併用禁忌", "重複投薬"], "contraindications first");
    assert.equal(await page.locator(".records").count(), 0);

    await consent(page, "oral", "dr-017");
    const evidence = (await page.locator(".records").allInnerTexts()).join("\n");
    for (const told of ["ノルバスク錠５ｍｇ", "ベルソムラ錠１５ｍｇ", "28日分（記載の日数）", "調剤日", "story-hanako-1"]) {
      assert.ok(evidence.includes(told), `${told} in ${evidence}`);
    }
    assert.match(await page.locator(".totals").first().innerText(), /残り\d+日/);
    assert.match(await page.locator(".rules").innerText(), /添付文書/);
    assert.equal(await page.locator(".timeline .period[data-at]").count(), 2, "only what collides");

    await page.click("#register .primary");
    assert.match(await page.locator("#register .failure").innerText(), /判断していない項目/);
    assert.equal(await judge(page, "用量の調整のため"), 2);
    await page.click("#register .primary");
    await page.locator(".registered").waitFor();
    const [, event] = /イベント (\d+)/.exec(await page.locator(".registered").innerText());
    assert.equal(event, "1");

    await page.locator(".registered button").click();
    await page.locator(".verdict.findings").waitFor();
    assert.match(await page.locator(".bottom").innerText(), /イベント 1・/);
    await consent(page, "full");
    const own = page.locator(".timeline .period.other[data-at]");
    assert.equal(await own.count(), 3, "the three new lines, as records of the own institution");
    await own.first().focus();
    assert.match(await page.locator(".timeline .told").innerText(), /扱い：自施設/);
    assert.deepEqual([faults, foreign], [[], []]);
    await close();
  });

  it("sees the timeline: what collides is named, and each period says how it came about", async () => {
    const { page, close } = await open(site.address);
    await prescribe(page);
    await check(page, "findings");
    await consent(page, "full");
    const names = await page.locator(".timeline .row-name title").allTextContents();
    assert.deepEqual(names.slice(0, 2), ["ベルソムラ錠１５ｍｇ", "ノルバスク錠５ｍｇ"]);
    assert.ok(names.includes("ロキソニン錠６０ｍｇ"), "ended records too");
    assert.deepEqual(await page.locator(".timeline .period-tag text").allTextContents(), ["禁忌", "重複"]);
    await page.locator(".timeline .period.duplicate[data-at] .bar").hover();
    const told = await page.locator(".timeline .told").innerText();
    assert.match(told, /ノルバスク錠５ｍｇ：調剤日 \d{4}-\d\d-\d\d から 28日分（記載の日数）、\d{4}-\d\d-\d\d まで。扱い：服用中/);
    await page.locator(".as-table summary").click();
    const rows = await page.locator(".as-table tbody tr").allInnerTexts();
    assert.ok(rows.some((row) => row.includes("調剤結果に置き換え")), "what is not drawn is in the table");
    await close();
  });

  it("sends a lost answer again under the same id, and nothing is registered twice", async () => {
    const { page, close } = await open(site.address);
    await identify(page, { insurer: "06999999", symbol: "架空", number: "77001", branch: "01" });
    await addDrug(page, 0, { text: "ムコダイン錠５００ｍｇ", days: "7" });
    await check(page, "clear");
    await page.route("**/v1/documents", async (route) => {
      await route.fetch();
      await route.abort("connectionreset");
    }, { times: 1 });
    await page.click("#register .primary");
    await page.locator("#register .failure").waitFor();
    assert.match(await page.locator("#register").innerText(), /登録されたかどうか分かりません/);
    await page.click("#register .primary");
    await page.locator(".registered").waitFor();
    assert.match(await page.locator(".registered").innerText(), /すでに登録されています/);
    await close();
  });

  it("is told that an id belongs to another document", async () => {
    const patient = { insurer: "06999999", symbol: "架空", number: "77002", branch: "01" };
    const line = { rp: 1, drug: { system: "yj", code: "2233002F2022" }, form: 1, quantity: "5" };
    const document = { id: "taken", kind: "prescription", patient, date: "2026-01-01", lines: [line] };
    const registered = await post(site.address, "/v1/documents", { ...document, institution: { code: "1319900010" } });
    assert.equal(registered.status, 201);
    const { page, close } = await open(site.address);
    await identify(page, patient);
    await addDrug(page, 0, { text: "ムコダイン錠５００ｍｇ", days: "7" });
    await check(page, "clear");
    await page.fill("#f-registration-id", "taken");
    await page.click("#register .primary");
    const told = await page.locator("#register .failure").innerText();
    assert.match(told, /登録していません[\s\S]*同じIDで、内容の違う文書[\s\S]*document_exists/);
    await close();
  });

  it("begins with an example in one click, in either language", async () => {
    for (const [at, title] of [["", "併用禁忌 1件・重複投薬 1件"], ["#en/check", "Contraindications: 1 · Duplicates: 1"]]) {
      const { page, close } = await open(site.address, { at });
      await page.locator(".examples button").first().click();
      await page.locator(".verdict.findings").waitFor();
      assert.equal(await page.locator(".verdict-title").innerText(), title);
      await close();
    }
  });

  it("removes an answer as soon as what was asked changes", async () => {
    const { page, close } = await open(site.address);
    await page.locator(".examples button").first().click();
    await page.locator(".verdict.findings").waitFor();
    await page.fill("#f-lines-0-quantity", "14");
    await page.locator(".verdict.changed").waitFor();
    assert.equal(await page.locator(".finding, .timeline, #register").count(), 0);
    await close();
  });
});
