// A failure in words: what it means, where it lies, what would be accepted, and the server's own words
// and code for whoever must look it up.

import { html } from "./html.js";
import { t, word } from "./i18n.js";
import { state } from "./state.js";

/** What it means, in the language of the page. */
export function inWords(failure) {
  const known = word("error", failure.code);
  return known === failure.code ? failure.message || failure.code : known;
}

/** Which field a path names, in words where there are any. */
export function place(path) {
  const line = /^lines\[(\d+)\]/.exec(path);
  const name = word("path", path.replace(/^lines\[\d+\]/, "lines"));
  const known = name.startsWith("lines") || name === path ? path : name;
  return line && known !== path ? t("line.of", { line: Number(line[1]) + 1, name: known }) : known;
}

export function FailureNote({ failure, title }) {
  const { code, message, path, allowed, status } = failure;
  return html`
    <div class="failure" role="alert">
      <p class="failure-title">${title}</p>
      <p>${inWords(failure)}</p>
      <dl>
        ${path && html`<dt>${t("failure.where")}</dt><dd>${place(path)} <code>${path}</code></dd>`}
        ${allowed.length > 0 && html`
          <dt>${t("failure.allowed")}</dt>
          <dd>${allowed.map((value) => html`<code key=${value}>${value}</code> `)}</dd>`}
        ${message && state.language === "ja" && html`<dt>${t("failure.said")}</dt><dd lang="en">${message}</dd>`}
        <dt>${t("failure.code")}</dt><dd><code>${code}</code>${status > 0 && html` <code>HTTP ${status}</code>`}</dd>
      </dl>
    </div>`;
}
