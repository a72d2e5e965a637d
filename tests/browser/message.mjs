// An e-prescription as a file: dropped in Shift_JIS, chosen, pasted in UTF-8, wrong.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { check } from "./patient.mjs";
import { demo, end, open } from "./site.mjs";

const CSV = [
  "SJ1", "1,1,9900010,13,見本病院", "11,1,架空　花子,ｶｸｳ ﾊﾅｺ", "22,06999999", "23,架空,90001,1,01", "51,20261120",
  "101,1,1,,28", "111,1,3,1011000400000000,１日１回朝食後,1", "201,1,1,1,4,2171022F2025,ノルバスク錠５ｍｇ,1,1,錠",
  "101,2,1,,7", "111,2,3,1012040400000000,１日２回朝夕食後,1",
  "201,2,1,1,4,6149003F2100,クラリスロマイシン錠２００ｍｇ「サワイ」,2,1,錠", "",
].join("\r\n");

/** Bytes as they lie in a file of an older system. */
const shiftJis = (text) => [...execFileSync("iconv", ["-f", "UTF-8", "-t", "CP932"], { input: text })];

const drop = (page, bytes, name) => page.evaluate(([bytes, name]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(bytes)], name));
  for (const kind of ["dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }
}, [bytes, name]);

async function isFilled(page) {
  await page.locator(".intake .note").waitFor();
  const values = async (selector) => page.locator(selector).evaluateAll((fields) => fields.map((field) => field.value));
  assert.deepEqual(await values(".patient-row input"), ["06999999", "架空", "90001", "01"]);
  assert.deepEqual(await values(".combo input"), ["ノルバスク錠５ｍｇ", "クラリスロマイシン錠２００ｍｇ「サワイ」"]);
  assert.deepEqual(await values("[id$=-quantity]"), ["28", "7"]);
  assert.equal(await page.inputValue("#f-actor-code"), "1319900010");
}

describe("a prescription as CSV", () => {
  let site;
  before(async () => { site = await demo(); });
  after(() => end(site));

  it("dropped in Shift_JIS: its bytes go as they are, and the check finds what its lines collide with", async () => {
    const { page, close } = await open(site.address);
    const bytes = shiftJis(CSV);
    const sent = page.waitForRequest("**/v1/convert");
    await drop(page, bytes, "処方.csv");
    const request = await sent;
    assert.deepEqual([...request.postDataBuffer()], bytes);
    assert.equal(request.headers()["content-type"], "text/csv");
    await isFilled(page);
    await check(page, "findings");
    assert.equal(await page.locator(".verdict-title").innerText(), "併用禁忌 1件・重複投薬 1件");
    await close();
  });

  it("pasted where no field takes it, or into its own field", async () => {
    for (const selector of ["body", ".drop textarea"]) {
      const { page, close } = await open(site.address);
      await page.locator(".intake").evaluate((details) => { details.open = true; });
      await page.evaluate(([selector, text]) => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/plain", text);
        document.querySelector(selector).dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
      }, [selector, CSV]);
      await isFilled(page);
      await close();
    }
  });

  it("that deviates: each deviation is told with line and field", async () => {
    const { page, close } = await open(site.address);
    await page.locator(".intake summary").click();
    const odd = CSV.replace("201,2,1,1,4,", "201,2,1,8,4,");
    await page.setInputFiles(".file input", { name: "odd.csv", mimeType: "text/csv", buffer: Buffer.from(odd) });
    await page.locator(".deviations li").first().waitFor();
    assert.match(await page.locator(".intake .note").innerText(), /規格と違う箇所が1件/);
    assert.match(await page.locator(".deviations").innerText(), /12[\s\S]*201[\s\S]*情報区分/);
    await close();
  });

  it("that is none: an error in words, and the fields stay", async () => {
    const { page, close } = await open(site.address);
    await page.fill("#f-actor-code", "1319900010");
    await drop(page, [...Buffer.from("name,age\n1,2\n")], "other.csv");
    const told = page.locator(".intake .failure");
    await told.waitFor();
    assert.match(await told.innerText(), /other\.csv は読み込めませんでした[\s\S]*invalid_message/);
    assert.equal(await page.inputValue("#f-actor-code"), "1319900010");
    await close();
  });
});
