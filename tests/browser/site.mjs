// A server with demo data and a browser that looks at it: started once for all tests, ended with them.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const BINARY = process.env.CHOFUKU_BINARY ?? join(ROOT, "target/debug/chofuku");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const PATIENTS = "40";
const PICTURES = join(ROOT, "target/browser");
mkdirSync(PICTURES, { recursive: true });

/** A process that says where it serves, in one line of its output. */
function serving(parameters) {
  const server = spawn(BINARY, parameters, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  server.stderr.on("data", (text) => { said += text; });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`${parameters.join(" ")} ended with ${code}: ${said}`)));
    createInterface({ input: server.stdout }).on("line", (line) => {
      said += `${line}\n`;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (found) resolve({ server, address: found[0] });
    });
  });
}

/** Ends a server and waits until it has. */
export function end({ server }) {
  return new Promise((resolve) => {
    server.removeAllListeners("exit");
    server.on("exit", resolve);
    server.kill("SIGTERM");
  });
}

function folder() {
  const folder = mkdtempSync(join(tmpdir(), "chofuku-browser-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `chofuku demo`: demo data, and example patients to begin with. */
export function demo() {
  return serving(["demo", "--dir", folder(), "--listen", "127.0.0.1:0", "--patients", PATIENTS]);
}

/** `chofuku serve` on the same data: a server that offers no examples. */
export async function serve(extra = []) {
  const data = folder();
  const made = spawnSync(BINARY, ["demo", "--dir", data, "--listen", "127.0.0.1:0", "--patients", PATIENTS, "--once"]);
  if (made.status !== 0) throw new Error(`demo --once ended with ${made.status}: ${made.stderr}`);
  return serving(["serve", "--data", join(data, "data"), "--listen", "127.0.0.1:0", ...extra]);
}

export const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });

/**
 * A page of a server, in a profile of its own. `bodies` are those of every answer that the browser got,
 * `faults` what went wrong in the page itself.
 */
export async function open(address, { width = 1280, height = 900, colorScheme = "light", at = "" } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const bodies = [];
  const faults = [];
  const foreign = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|TrustedScript|TrustedHTML/.test(message.text())) faults.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(address)) foreign.push(request.url());
  });
  page.on("response", async (response) => {
    const body = await response.text().catch(() => "");
    bodies.push({ url: response.url(), status: response.status(), body });
  });
  await page.goto(`${address}/${at}`);
  await page.locator(".bottom p").last().waitFor();
  return { page, bodies, faults, foreign, close: () => context.close() };
}

/** A picture for a person to judge, as tall as the page is, so that what sticks to the screen stands where it belongs. */
export async function picture(page, name, width) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.max(height, 900) });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: "disabled" });
  await page.setViewportSize({ width, height: 900 });
}

/** Sends JSON beside the browser, as another program would. */
export async function post(address, path, body) {
  const response = await fetch(`${address}${path}`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  return { status: response.status, value: await response.json() };
}
