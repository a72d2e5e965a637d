// How it looks: no fault for axe-core, serious or not, in both languages and both colour schemes, nothing
// wider than the screen, and pictures of every state for a person to judge (in target/browser).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import { addDrug, consent, identify } from "./patient.mjs";
import { demo, end, open, picture } from "./site.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const fault = ({ impact, id, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`;

async function audit(page, name) {
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.map(fault), [], name);
}

const example = (page, name) => page.locator(".examples button").nth(name).click();

/** Every state that a person meets, one after the other on one page. */
const STATES = {
  begin: async () => {},
  oral: async (page) => {
    await example(page, 0);
    await page.locator(".records").first().waitFor();
  },
  full: async (page) => {
    await consent(page, "full");
    await page.locator(".timeline .period[data-at]").first().focus();
  },
  judged: async (page) => {
    await page.locator("#register .primary").click();
    await page.locator(".judgement [type=checkbox]").first().check();
    await page.locator("#register .failure").waitFor({ state: "detached" }).catch(() => {});
  },
  none: async (page) => {
    await consent(page, "none");
    await page.locator(".withheld").first().waitFor();
  },
  failed: async (page) => {
    await page.route("**/v1/check", (route) => route.abort(), { times: 1 });
    await page.keyboard.press("Control+Enter");
    await page.locator(".verdict.failed").waitFor();
  },
  searching: async (page) => {
    await page.locator(".panel header .quiet").first().click();
    await page.locator("#f-lines-0-drug").focus();
    await page.keyboard.insertText("アムロ");
    await page.locator("#f-lines-0-drug[aria-expanded=true]").waitFor();
    await page.keyboard.press("ArrowDown");
  },
  incomplete: async (page) => {
    await page.keyboard.press("Escape");
    await identify(page, { insurer: "06999999", symbol: "架空", number: "88009", branch: "01" });
    await addDrug(page, 0, { text: "ムコダイン錠５００ｍｇ", days: "7" });
    await page.click(".add");
    await page.locator(".line").nth(1).locator("summary").click();
    await page.fill("#f-lines-1-drug-code", "666660000");
    await page.keyboard.press("Control+Enter");
    await page.locator(".verdict.incomplete").waitFor();
  },
  clear: async (page) => {
    await page.locator(".line").nth(1).locator(".remove").click();
    await page.keyboard.press("Control+Enter");
    await page.locator(".verdict.clear").waitFor();
  },
  many: async (page) => {
    await page.locator(".panel header .quiet").first().click();
    await example(page, 3);
    await page.locator(".verdict.findings").waitFor();
    await consent(page, "full");
  },
  help: async (page) => {
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("?");
    await page.locator("dialog.help").waitFor();
  },
  operator: async (page) => {
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("2");
    await page.locator(".kinds li").first().waitFor();
  },
};

const VIEWS = [
  { width: 1280, language: "ja", colorScheme: "light" }, { width: 390, language: "ja", colorScheme: "dark" },
  { width: 1280, language: "en", colorScheme: "dark" }, { width: 390, language: "en", colorScheme: "light" },
];

/** On paper everything that was told is there, and nothing that could be pressed. */
async function print(page) {
  await page.emulateMedia({ media: "print" });
  for (const told of [".verdict-title", ".finding .sentence", ".finding .records", ".timeline svg", ".patient-row input"]) {
    assert.ok(await page.locator(told).first().isVisible(), told);
  }
  assert.equal(await page.locator("button:visible").count(), 0);
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(ground, "rgb(255, 255, 255)", "paper is white");
  await page.emulateMedia({ media: null });
}

describe("looks", () => {
  let site;
  before(async () => { site = await demo(); });
  after(() => end(site));

  for (const { width, language, colorScheme } of VIEWS) {
    it(`${width} px, ${language}, ${colorScheme}: no fault, nothing too wide`, async () => {
      const at = language === "en" ? "#en/check" : "";
      const { page, faults, close } = await open(site.address, { width, colorScheme, at });
      await page.evaluate(AXE);
      for (const [name, reach] of Object.entries(STATES)) {
        await reach(page);
        await audit(page, `${name}, ${width}, ${language}, ${colorScheme}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${name}: ${wide} px wide on ${width}`);
        if (name === "full") await print(page);
        await picture(page, `${name}-${width}-${language}-${colorScheme}`, width);
      }
      assert.deepEqual(faults, []);
      await close();
    });
  }
});
