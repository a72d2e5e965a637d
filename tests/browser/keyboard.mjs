// The whole way without a pointer: every step by keys that the page names.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { DRUGS, HOSPITAL, PATIENT } from "./patient.mjs";
import { demo, end, open } from "./site.mjs";

describe("keyboard", () => {
  let site;
  before(async () => { site = await demo(); });
  after(() => end(site));

  it("alone leads from a patient to a registration", async () => {
    const { page, close } = await open(site.address);
    const { keyboard } = page;
    const focused = () => page.evaluate(() => document.activeElement?.id ?? "");
    const type = (text) => keyboard.insertText(text);
    const tabTo = async (id) => {
      for (let steps = 0; steps < 30; steps += 1) {
        if ((await focused()) === id) return;
        await keyboard.press("Tab");
      }
      assert.fail(`Tab does not lead to ${id}`);
    };
    await keyboard.press("p");
    assert.equal(await focused(), "f-patient-insurer");
    for (const part of ["insurer", "symbol", "number", "branch"]) {
      await tabTo(`f-patient-${part}`);
      await type(PATIENT[part]);
    }
    await tabTo("f-actor-code");
    await type(HOSPITAL);
    for (const [at, { text, days }] of DRUGS.entries()) {
      if (at === 0) await tabTo("f-lines-0-drug");
      assert.equal(await focused(), `f-lines-${at}-drug`);
      await type(text);
      await page.locator(`#f-lines-${at}-drug[aria-expanded=true]`).waitFor();
      await keyboard.press("ArrowDown");
      assert.equal(await page.getAttribute(`#f-lines-${at}-drug`, "aria-activedescendant"), `f-lines-${at}-drug-option-0`);
      await keyboard.press("Enter");
      assert.equal(await page.getAttribute(`#f-lines-${at}-drug`, "aria-expanded"), "false");
      await tabTo(`f-lines-${at}-quantity`);
      await type(days);
      if (at + 1 < DRUGS.length) {
        // Letters are keys where nobody writes; here the button next to the last line adds one.
        await page.evaluate(() => document.activeElement.blur());
        await keyboard.press("n");
        await page.waitForFunction((id) => document.activeElement?.id === id, `f-lines-${at + 1}-drug`);
      }
    }
    await keyboard.press("Control+Enter");
    await page.locator(".verdict.findings").waitFor();
    await page.waitForFunction(() => document.activeElement?.id === "verdict");
    await keyboard.press("c");
    assert.equal(await focused(), "f-consent-level");
    await keyboard.press("ArrowRight");
    assert.equal(await focused(), "f-consent-oral");
    await keyboard.press("Tab");
    await type("dr-017");
    await keyboard.press("Enter");
    await page.locator(".records").first().waitFor();
    for (const id of await page.locator(".judgement [type=checkbox]").evaluateAll((boxes) => boxes.map((box) => box.id))) {
      await tabTo(id);
      await keyboard.press("Space");
      await keyboard.press("Tab");
      await type("短期間の併用で、経過を観察するため");
    }
    await page.evaluate(() => document.activeElement.blur());
    await keyboard.press("t");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.at), "0");
    const first = await page.locator(".timeline .told").innerText();
    await keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement.dataset.at), "1");
    assert.notEqual(await page.locator(".timeline .told").innerText(), first);
    await keyboard.press("r");
    assert.equal(await focused(), "register");
    for (let steps = 0; steps < 12; steps += 1) {
      if (await page.evaluate(() => document.activeElement.matches("#register > .primary"))) break;
      await keyboard.press("Tab");
    }
    await keyboard.press("Enter");
    await page.locator(".registered").waitFor();
    await close();
  });

  it("shows its keys under ?, and never takes a letter from a field", async () => {
    const { page, close } = await open(site.address);
    await page.keyboard.press("?");
    await page.locator("dialog.help").waitFor();
    const named = await page.locator("dialog.help kbd").allInnerTexts();
    for (const key of ["p", "n", "c", "v", "t", "r", "1", "2", "l", "?"]) assert.ok(named.includes(key), key);
    await page.keyboard.press("Escape");
    await page.locator("dialog.help").waitFor({ state: "detached" });
    await page.locator("#f-patient-number").focus();
    await page.keyboard.type("pncvtr12l?");
    assert.equal(await page.inputValue("#f-patient-number"), "pncvtr12l?");
    assert.equal(await page.locator("dialog").count(), 0);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("2");
    await page.locator("main.operator").waitFor();
    await page.keyboard.press("l");
    await page.waitForFunction(() => document.documentElement.lang === "en");
    await close();
  });

  it("letters can be turned off", async () => {
    const { page, close } = await open(site.address);
    await page.keyboard.press("?");
    await page.locator("dialog.help .tick input").uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("2");
    await page.keyboard.press("?");
    assert.equal(await page.locator("main.check").count(), 1);
    assert.equal(await page.locator("dialog").count(), 0);
    await close();
  });

  it("the list of drugs closes with Escape and says how many it holds", async () => {
    const { page, close } = await open(site.address);
    await page.locator("#f-lines-0-drug").focus();
    await page.keyboard.insertText("アムロ");
    await page.locator("#f-lines-0-drug[aria-expanded=true]").waitFor();
    const count = await page.locator("#f-lines-0-drug-list [role=option]").count();
    assert.ok(count > 5);
    assert.equal(await page.locator(".combo [role=status]").innerText(), `候補が${count}件あります。上下の矢印で選びます。`);
    await page.keyboard.press("ArrowUp");
    const last = page.locator(`#f-lines-0-drug-option-${count - 1}`);
    assert.equal(await last.getAttribute("aria-selected"), "true");
    await page.keyboard.press("Escape");
    assert.equal(await page.getAttribute("#f-lines-0-drug", "aria-expanded"), "false");
    assert.equal(await page.inputValue("#f-lines-0-drug"), "アムロ");
    await close();
  });
});
