// Texts in the language of the page. The dictionaries have the same keys; a test holds them together.

import en from "./en.js";
import ja from "./ja.js";
import { state } from "./state.js";

const DICTIONARIES = { ja, en };

/** The text of a key, with `{name}` replaced by the value of that name. */
export function t(key, values = {}) {
  const text = DICTIONARIES[state.language][key] ?? key;
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A word of the interface in the language of the page; the word itself where it is new to us. */
export function word(kind, value) {
  return DICTIONARIES[state.language][`${kind}.${value}`] ?? String(value);
}

/** A number as people write it, with so many decimals. */
export function count(value, decimals = 0) {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(state.language === "ja" ? "ja-JP" : "en-GB", digits).format(value);
}
