// The files of the console over HTTP: types, caching, and what the page may not do.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { demo, end } from "./site.mjs";

const TYPES = { "/": "text/html", "/console/main.js": "text/javascript", "/console/style/base.css": "text/css", "/console/icon.svg": "image/svg+xml" };

describe("files", () => {
  let site;
  before(async () => { site = await demo(); });
  after(() => end(site));

  it("have their type, their etag and the policy of the page", async () => {
    for (const [path, type] of Object.entries(TYPES)) {
      const response = await fetch(site.address + path);
      const { headers } = response;
      assert.equal(response.status, 200, path);
      assert.ok(headers.get("content-type").startsWith(type), path);
      assert.match(headers.get("content-security-policy"), /^default-src 'self';/);
      assert.doesNotMatch(headers.get("content-security-policy"), /unsafe/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      const again = await fetch(site.address + path, { headers: { "if-none-match": headers.get("etag") } });
      assert.equal(again.status, 304, path);
      assert.equal((await again.text()).length, 0);
    }
    assert.equal((await fetch(`${site.address}/console/NOTICE`)).status, 404);
    assert.equal((await fetch(`${site.address}/console/../Cargo.toml`)).status, 404);
    assert.equal((await fetch(`${site.address}/`, { method: "POST" })).status, 405);
  });
});
