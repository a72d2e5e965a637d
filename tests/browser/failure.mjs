// A server that fails never looks clear, whatever it sends or does not send.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { addDrug, check, identify } from "./patient.mjs";
import { demo, end, open, serve } from "./site.mjs";

const NOBODY = { insurer: "06999999", symbol: "架空", number: "88001", branch: "01" };
const DRUG = { text: "ムコダイン錠５００ｍｇ", days: "7" };

/** The page says that there is no result, and shows nothing that looks like one. */
async function isFailed(page) {
  await page.locator(".verdict.failed").waitFor();
  assert.match(await page.locator(".verdict.failed").innerText(), /チェックできませんでした。「該当なし」ではありません。/);
  assert.equal(await page.locator(".verdict.clear, .verdict.findings, .finding, #register").count(), 0);
}

const CLEAR = { outcome: "clear", complete: true, incomplete_because: [], findings: [], not_checked: [], warnings: [] };
const BROKEN = {
  "an error of the server": { status: 500, json: { code: "answer_failed", message: "the answer could not be finished", link: "" } },
  "an error of something between": { status: 502, body: "<h1>Bad gateway</h1>", contentType: "text/html" },
  "an answer that breaks off": { status: 200, body: "{\"outcome\":\"clear\",\"compl", contentType: "application/json" },
  "an answer without an outcome": { status: 200, json: { findings: [], complete: true } },
  "an outcome that nobody knows": { status: 200, json: { ...CLEAR, outcome: "fine" } },
  "clear, and not complete": { status: 200, json: { ...CLEAR, complete: false } },
  "clear, with a finding": { status: 200, json: { ...CLEAR, findings: [{ id: "1", kind: "duplicate", line: 0 }] } },
  "a page of somebody else": { status: 200, body: "<html>log in</html>", contentType: "text/html" },
};

describe("a server that fails", () => {
  let site;
  before(async () => { site = await demo(); });
  after(() => end(site));

  it("never looks clear, not even after an answer that was", async () => {
    const { page, close } = await open(site.address);
    await identify(page, NOBODY);
    await addDrug(page, 0, DRUG);
    await check(page, "clear");
    for (const [name, answer] of Object.entries(BROKEN)) {
      await page.route("**/v1/check", (route) => route.fulfill(answer), { times: 1 });
      await page.click(".go .primary");
      await isFailed(page).catch((error) => { throw new Error(`${name}: ${error.message}`); });
      await check(page, "clear");
    }
    await page.route("**/v1/check", (route) => route.abort("connectionreset"), { times: 1 });
    await page.click(".go .primary");
    await isFailed(page);
    await close();
  });

  it("that is gone is said to be gone", async () => {
    const mortal = await serve();
    const { page, close } = await open(mortal.address);
    await identify(page, NOBODY);
    await addDrug(page, 0, DRUG);
    await check(page, "clear");
    await end(mortal);
    await page.click(".go .primary");
    await isFailed(page);
    assert.match(await page.locator(".verdict").innerText(), /サーバーに届きません/);
    await close();
  });

  it("leaves the answer standing when only the periods cannot be read, and says so", async () => {
    const { page, close } = await open(site.address);
    await page.locator(".examples button").first().click();
    await page.locator(".verdict.findings").waitFor();
    await page.route("**/v1/history", (route) => route.fulfill(BROKEN["an error of the server"]));
    await page.check("#f-consent-full");
    await page.locator(".timeline .failure").waitFor();
    assert.equal(await page.locator(".finding").count(), 2);
    await close();
  });

  it("incomplete is loud and not clear", async () => {
    const { page, close } = await open(site.address);
    await identify(page, NOBODY);
    await addDrug(page, 0, DRUG);
    await page.click(".add");
    await page.locator(".line").nth(1).locator("summary").click();
    await page.fill("#f-lines-1-drug-code", "9999999Z9999");
    await check(page, "incomplete");
    assert.equal(await page.locator(".verdict.clear").count(), 0);
    assert.match(await page.locator(".verdict").innerText(), /確認しきれていません[\s\S]*「該当なし」ではありません/);
    assert.match(await page.locator(".unchecked.loud").innerText(), /9999999Z9999[\s\S]*表にないコード/);
    await close();
  });

  it("errors say where, what would be accepted, and lead to the field", async () => {
    const { page, close } = await open(site.address);
    await page.click(".go .primary");
    assert.equal(await page.evaluate(() => document.activeElement.id), "f-patient-insurer");
    await identify(page, { insurer: "06999999", symbol: "架空", number: "88001" });
    await addDrug(page, 0, DRUG);
    await page.click(".go .primary");
    await page.locator(".verdict.failed").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "f-patient-branch");
    assert.match(await page.locator(".verdict").innerText(), /枝番[\s\S]*patient\.branch[\s\S]*branch_required/);
    await page.fill("#f-patient-branch", "01");
    await page.fill("#f-lines-0-quantity", "一週間");
    await page.click(".go .primary");
    await page.locator(".verdict.failed").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "f-lines-0-quantity");
    assert.equal(await page.getAttribute("#f-lines-0-quantity", "aria-invalid"), "true");
    assert.match(await page.locator("#f-lines-0-quantity-fault").innerText(), /使えない値/);
    await close();
  });
});
