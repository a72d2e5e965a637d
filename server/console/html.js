// The two vendored libraries joined: templates that make elements, and text that is always escaped.

import htm from "./vendor/htm.js";
import { h } from "./vendor/preact.js";

export const html = htm.bind(h);
export { Component, createRef, render } from "./vendor/preact.js";
