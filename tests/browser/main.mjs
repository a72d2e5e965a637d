// The console in Debian's Chromium, on servers of the binary under test: `node main.mjs`, as tests/run does.
//
// Needs the binary (CHOFUKU_BINARY, else target/debug/chofuku) and Chromium (CHROMIUM, else
// /usr/bin/chromium). Every server listens on a free port of this machine and ends with its tests.

import { after } from "node:test";
import { browser } from "./site.mjs";

after(() => browser.close());

await import("./headers.mjs");
await import("./parts.mjs");
await import("./journey.mjs");
await import("./consent.mjs");
await import("./failure.mjs");
await import("./keyboard.mjs");
await import("./message.mjs");
await import("./operator.mjs");
await import("./looks.mjs");
