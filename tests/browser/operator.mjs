// The operator's screen: what is in force, what it is asked, and what an operator can do.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { demo, end, open, picture, post } from "./site.mjs";

const FIGURES = (requests) => [
  "# TYPE chofuku_requests_total counter",
  `chofuku_requests_total{call="check",status="200"} ${requests}`,
  ...[["0.000001", 50], ["0.000004", 98], ["+Inf", 100]].map(([le, count]) => `chofuku_check_duration_seconds_bucket{le="${le}"} ${count}`),
  "chofuku_overlay_patients 12", "chofuku_overlay_memory_bytes 2048", "not a sample", "",
].join("\n");

describe("an operator", () => {
  let site;
  before(async () => { site = await demo(); });
  after(() => end(site));

  it("sees generation, tables and their lint", async () => {
    const { page, faults, close } = await open(site.address, { at: "#operator" });
    await page.locator(".kinds li").first().waitFor();
    const status = await (await fetch(`${site.address}/v1/status`)).json();
    const state = await page.locator("section[aria-labelledby=state-title]").innerText();
    assert.match(state, new RegExp(`世代\\s+${status.generation}\\b`));
    assert.ok(state.includes("要求を受け付けています"));
    assert.match(await page.locator(".kinds").innerText(), /参考\s+片方の添付文書だけに記載\s+\d+/);
    const lint = await (await fetch(`${site.address}/v1/admin/lint`)).json();
    const counted = lint.counts.reduce((sum, { count }) => sum + count, 0);
    assert.ok((await page.locator("section[aria-labelledby=lint-title] .on").innerText()).endsWith(` ${counted}`));
    const sources = await page.locator("section[aria-labelledby=sources-title]").innerText();
    assert.match(sources, /drugs\.csv/);
    assert.deepEqual(faults, []);
    await close();
  });

  it("sees rates and latencies, or a sentence why not", async () => {
    const { page, close } = await open(site.address);
    await page.clock.install();
    let requests = 1000;
    await page.route("**/metrics", (route) => {
      requests += 500;
      return route.fulfill({ status: 200, body: FIGURES(requests), contentType: "text/plain" });
    });
    await page.evaluate(() => { location.hash = "operator"; });
    const load = page.locator("section[aria-labelledby=load-title]");
    await load.locator("td").first().waitFor();
    await page.clock.runFor(5_200);
    await page.waitForFunction(() => /2,000/.test(document.querySelector("section[aria-labelledby=load-title]").innerText));
    const told = await load.innerText();
    assert.match(told, /check\s+200\s+(9\d|1[01]\d)\.\d\s+2,000/, "500 requests in about five seconds");
    assert.match(told, /50パーセンタイル\s+1\.00 µs/);
    assert.match(told, /99パーセンタイル\s+≥ 4\.00 µs/);
    assert.match(told, /患者\s+12\s+メモリー\s+2\.0 KiB/);
    await page.unroute("**/metrics");
    await page.route("**/metrics", (route) => route.fulfill({ status: 404, json: { code: "not_found", message: "" } }));
    await page.clock.runFor(5_200);
    await page.getByText("このサーバーは計測値（/metrics）を出していません").waitFor();
    await close();
  });

  it("sees the figures of a server that is asked", async () => {
    const ask = async (times) => {
      const [{ request }] = await (await fetch(`${site.address}/console/examples.json`)).json();
      for (let time = 0; time < times; time += 1) {
        assert.equal((await post(site.address, "/v1/check", request)).status, 200);
      }
    };
    await ask(40);
    const { page, faults, close } = await open(site.address, { at: "#operator" });
    const load = page.locator("section[aria-labelledby=load-title]");
    await load.locator("td").first().waitFor();
    await ask(60);
    // The next look, five seconds later at most, has a rate.
    const row = load.locator("tr").filter({ has: page.locator("code", { hasText: /^check$/ }) });
    await page.waitForFunction(() => /check\s+200\s+[1-9]\d*\.\d\s/.test(document.querySelector("section[aria-labelledby=load-title]").innerText), undefined, { timeout: 30_000 });
    const told = await row.innerText();
    assert.ok(Number(told.trim().split(/\s+/).at(-1)) >= 100, told);
    const figures = await load.innerText();
    assert.match(figures, /50パーセンタイル\s+\d+(\.\d+)? (ns|µs|ms)\s/);
    assert.match(figures, /チェック\s+[1-9]\d*\s+直前の間隔/);
    assert.match(figures, /メモリー\s+\d/);
    await picture(page, "operator-asked-1280-ja-light", 1280);
    assert.deepEqual(faults, []);
    await close();
  });

  it("compacts and reloads, asked first, told what came of it", async () => {
    const patient = { insurer: "06999999", symbol: "架空", number: "99001", branch: "01" };
    const lines = [{ rp: 1, drug: { system: "yj", code: "2233002F2022" }, form: 1, quantity: "5" }];
    const document = { id: "op-1", kind: "prescription", patient, date: "2026-01-01", lines, institution: { code: "1319900010" } };
    assert.equal((await post(site.address, "/v1/documents", document)).status, 201);
    const { page, close } = await open(site.address, { at: "#operator" });
    const panel = page.locator("section[aria-labelledby=upkeep-title]");
    await panel.getByRole("button", { name: "登録分を世代にまとめる" }).click();
    await page.getByRole("button", { name: "やめる" }).click();
    assert.equal(await panel.locator(".note").count(), 0, "nothing was done");
    await panel.getByRole("button", { name: "登録分を世代にまとめる" }).click();
    await page.locator("dialog .primary").click();
    assert.match(await panel.locator(".note").innerText(), /世代 2 に切り替えました/);
    await panel.getByRole("button", { name: "新しい世代に切り替え" }).click();
    await page.locator("dialog .primary").click();
    await panel.getByText("変わりはありません。世代 2 のままです。").waitFor();
    await close();
  });
});
