// The parts of the console that only compute, run where they run: in the browser.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ROOT, demo, end, open } from "./site.mjs";

const CONSOLE = join(ROOT, "server/console");
const sources = () => readdirSync(CONSOLE).filter((name) => name.endsWith(".js"))
  .map((name) => readFileSync(join(CONSOLE, name), "utf8")).join("\n");

describe("parts", () => {
  let site;
  let page;
  let close;
  before(async () => {
    site = await demo();
    ({ page, close } = await open(site.address));
  });
  after(async () => {
    await close();
    await end(site);
  });

  it("texts: both languages have every key, with the same values, and every key that is used is there", async () => {
    const [ja, en] = await page.evaluate(async () =>
      Promise.all(["ja", "en"].map(async (name) => (await import(`/console/${name}.js`)).default)));
    assert.deepEqual(Object.keys(ja).sort(), Object.keys(en).sort());
    const values = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const key of Object.keys(ja)) assert.deepEqual(values(ja[key]), values(en[key]), key);
    const used = [...sources().matchAll(/\bt\("([^"]+)"/g)].map(([, key]) => key);
    assert.ok(used.length > 100);
    assert.deepEqual(used.filter((key) => !Object.hasOwn(ja, key)), []);
    const chosen = [...sources().matchAll(/\bt\([^()`]*\? "([^"]+)" : "([^"]+)"/g)].flatMap(([, one, other]) => [one, other]);
    assert.deepEqual(chosen.filter((key) => !Object.hasOwn(ja, key)), []);
    const kinds = [...sources().matchAll(/\bt\(`([a-z_]+)\.\$/g), ...sources().matchAll(/word\("([a-z_]+)"/g)].map(([, kind]) => kind);
    for (const kind of new Set(kinds)) assert.ok(Object.keys(ja).some((key) => key.startsWith(`${kind}.`)), kind);
  });

  it("errors: every code of the interface is explained in both languages", async () => {
    const codes = [...readFileSync(join(ROOT, "docs/errors.md"), "utf8").matchAll(/^## (\w+)$/gm)].map(([, code]) => code);
    assert.ok(codes.length > 30);
    const keys = await page.evaluate(async () => Object.keys((await import("/console/ja.js")).default));
    assert.deepEqual(codes.filter((code) => !keys.includes(`error.${code}`)), []);
  });

  it("periods: rows, lanes and what is drawn", async () => {
    const plan = await page.evaluate(async () => {
      const { layOut, records } = await import("/console/periods.js");
      const record = (document, name, first, last, disposition) => ({
        document, rp: 1, drug: { system: "yj", code: name, name }, basis_day: first, end_day: last, disposition });
      const active = record("a", "A", "2026-11-01", "2026-12-10", "active");
      const history = { records: [
        active, record("b", "A", "2026-11-05", "2026-12-12", "active"), record("c", "C", "2026-06-01", "2026-06-07", "ended"),
        record("d", "D", "2026-10-01", "2026-10-05", "ended"), record("e", "D", "2026-10-06", "2026-10-09", "ended"),
        record("f", "F", "2026-11-01", "2026-11-10", "superseded")] };
      const answer = { findings: [{ kind: "duplicate", evidence: [active] }, { kind: "contraindication", evidence: [active] }] };
      const lines = [{ drug: { code: "1", name: "N" }, form: "1", quantity: "28" }, { drug: { code: "2", name: "M" }, form: "3", quantity: "28" }];
      return { ...layOut({ records: records(answer, history), lines, asOf: "2026-11-22" }), oral: records(answer, null).length };
    });
    assert.deepEqual(plan.rows.map(({ name, lanes }) => [name, lanes]), [["A", 2], ["D", 1]]);
    assert.deepEqual(plan.rows[0].periods.map(({ look }) => look), ["contraindication", "active"]);
    assert.equal(plan.undrawn, 1);
    assert.equal(plan.asOf - plan.first, 99);
    assert.deepEqual(plan.planned.map(({ days }) => days), [28, null]);
    assert.equal(plan.oral, 1, "a record is told once, whatever stands upon it");
  });

  it("figures: what is not there is not made up", async () => {
    const read = await page.evaluate(async () => {
      const { latency, overlay, parse, requests } = await import("/console/metrics.js");
      const before = parse('chofuku_requests_total{call="x",status="200"} 10\n');
      const now = parse('# HELP x y\nchofuku_requests_total{status="200",call="x"} 5\nbad line here now\nb{l="a\\"b"} +Inf 123\n');
      return { samples: now.length, rate: requests(now, before, 5)[0].rate, latency: latency(now, before), overlay: overlay(now), label: now[1].labels.l };
    });
    assert.deepEqual(read, { samples: 2, rate: null, latency: null, overlay: [], label: "a\"b" });
  });
});
