// The frame of every screen: where one is, in which language, on what data, and the list of keys.

import { Asker } from "./asker.js";
import { Consent } from "./consent.js";
import { Begin } from "./examples.js";
import { Findings } from "./findings.js";
import { Component, createRef, html } from "./html.js";
import { t } from "./i18n.js";
import { Lines } from "./lines.js";
import { Operate } from "./operate.js";
import { Patient } from "./patient.js";
import { Register } from "./register.js";
import { KEYS, address, checkAndShow } from "./shortcuts.js";
import { change, state } from "./state.js";
import { Timeline } from "./timeline.js";
import { Verdict } from "./verdict.js";

const SCREENS = ["check", "operator"];

function Header() {
  const { screen, language } = state;
  const other = language === "ja" ? "en" : "ja";
  return html`
    <header class="top">
      <a class="skip" href="#main" onClick=${(event) => {
        event.preventDefault();
        document.getElementById("main").focus();
      }}>${t("skip")}</a>
      <h1><span lang="ja">重複</span> chofuku</h1>
      <nav aria-label=${t("nav.name")}>
        ${SCREENS.map((known) => html`
          <a key=${known} href=${address(known, language)} aria-current=${known === screen ? "page" : undefined}>${t(`nav.${known}`)}</a>`)}
      </nav>
      <div class="tools">
        <a href=${address(screen, other)} lang=${other} hreflang=${other}>${t("language.other")}</a>
        <button type="button" class="quiet" aria-haspopup="dialog" aria-label=${t("help.open")}
          onClick=${() => change({ help: true })}>?</button>
      </div>
    </header>
    ${state.examples.length > 0 && html`
      <aside class="demo" aria-label=${t("demo.name")}>${t("demo")}
        ${state.screen === "check" && state.check.phase === "idle" && html`
          <button type="button" class="link" onClick=${() => document.querySelector(".examples button").focus()}>${t("demo.try")}</button>`}
      </aside>`}`;
}

class Help extends Component {
  constructor(props) {
    super(props);
    this.dialog = createRef();
  }

  componentDidMount() {
    this.dialog.current.showModal();
  }

  render() {
    return html`
      <dialog ref=${this.dialog} class="help" aria-labelledby="help-title" onClose=${() => change({ help: false })}>
        <h2 id="help-title">${t("help.title")}</h2>
        <dl>
          <dt><kbd>Ctrl</kbd>+<kbd>Enter</kbd></dt><dd>${t("key.check")}</dd>
          ${Object.keys(KEYS).sort((one, other) => Number(/\d/.test(one)) - Number(/\d/.test(other))).map((key) => html`
            <dt key=${key}><kbd>${key}</kbd></dt><dd>${t(`key.${key}`)}</dd>`)}
          <dt><kbd>?</kbd></dt><dd>${t("key.help")}</dd>
          <dt><kbd>↑</kbd><kbd>↓</kbd> <kbd>Enter</kbd> <kbd>Esc</kbd></dt><dd>${t("key.combo")}</dd>
          <dt><kbd>←</kbd><kbd>→</kbd></dt><dd>${t("key.timeline")}</dd>
        </dl>
        <label class="tick">
          <input type="checkbox" checked=${state.shortcuts} onChange=${(event) => change({ shortcuts: event.target.checked })} />
          <span>${t("help.letters")}</span>
        </label>
        <form method="dialog"><button class="primary">${t("close")}</button></form>
      </dialog>`;
  }
}

function Footer() {
  const { answer } = state.check;
  const snapshot = answer?.snapshot;
  return html`
    <footer class="bottom">
      ${snapshot && state.screen === "check" && html`<p>${t("snapshot", { ...snapshot, day: snapshot.as_of, policy: answer.policy.name })}</p>`}
      ${state.status && html`<p>chofuku ${state.status.version}</p>`}
    </footer>`;
}

function Check() {
  return html`
    <div class="ask" inert=${state.registration.phase === "sending"}>
      <${Patient} /><${Asker} /><${Lines} />
      <div class="go">
        <button type="button" class="primary" onClick=${checkAndShow}
          aria-keyshortcuts="Control+Enter">${t("check.go")}</button>
        <span class="hint"><kbd>Ctrl</kbd>+<kbd>Enter</kbd></span>
      </div>
    </div>
    <div class="answer" aria-busy=${String(state.check.phase === "asking")}>
      <${Consent} /><${Begin} /><${Verdict} /><${Findings} /><${Timeline} /><${Register} />
    </div>`;
}

export function Shell() {
  return html`
    <${Header} />
    <main id="main" tabindex="-1" class=${state.screen}>
      ${state.screen === "check" ? html`<${Check} />` : html`<${Operate} />`}
    </main>
    <${Footer} />
    ${state.help && html`<${Help} />`}`;
}
