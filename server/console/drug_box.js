// The search for a drug: a combobox as the WAI-ARIA patterns describe it. Typing asks the server, after a
// pause and never twice at once; arrows choose, Enter takes, Escape closes.

import * as api from "./api.js";
import { fieldId } from "./draft.js";
import { Component, html } from "./html.js";
import { t, word } from "./i18n.js";

const PAUSE_MILLISECONDS = 150;
/** Which of a product's codes a line gets: the most exact that prescriptions use. */
const PREFERRED = ["yj", "receipt", "price", "hot", "generic", "gtin"];

const codeOf = (product) => {
  const rank = ({ system }) => PREFERRED.indexOf(system);
  return [...product.codes].sort((one, other) => rank(one) - rank(other))[0];
};

/** Those first whose own name begins with what was typed, before those of which an alias does. */
const byName = (products, text) => {
  const plain = (name) => name.normalize("NFKC").toLowerCase();
  const rank = ({ name }) => (plain(name).startsWith(plain(text)) ? 0 : 1);
  return [...products].sort((one, other) => rank(one) - rank(other));
};

const ingredientsOf = (product) =>
  product.substances.map(({ name, route }) => t("with.route", { name, route: word("route", route) })).join("・");

export class DrugBox extends Component {
  constructor(props) {
    super(props);
    this.state = { open: false, at: -1, products: [], said: "" };
  }

  componentWillUnmount() {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  search(text) {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.setState({ open: false, at: -1, products: [], said: "" });
    if (!text.trim()) return;
    this.timer = setTimeout(() => this.ask(text.trim().slice(0, 64)), PAUSE_MILLISECONDS);
  }

  async ask(text) {
    const asking = new AbortController();
    this.asking = asking;
    try {
      const found = byName((await api.drugs(text, asking.signal)).filter(codeOf), text);
      if (asking.signal.aborted) return;
      const said = found.length > 0 ? t("drug.found", { count: found.length }) : t("drug.none");
      this.setState({ open: true, at: -1, products: found, said });
    } catch {
      if (!asking.signal.aborted) this.setState({ open: true, products: [], said: t("drug.failed") });
    }
  }

  take(product) {
    this.setState({ open: false, at: -1, said: "" });
    const { system, code } = codeOf(product);
    this.props.onTake({
      text: product.name, drug: { system, code, name: product.name }, ingredients: ingredientsOf(product),
    });
  }

  keys(event) {
    const { open, at, products } = this.state;
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const count = products.length;
    const moves = { ArrowDown: (at + 1) % count, ArrowUp: at <= 0 ? count - 1 : at - 1 };
    if (event.key in moves && count > 0) {
      event.preventDefault();
      this.setState({ open: true, at: open ? moves[event.key] : 0 });
    } else if (event.key === "Enter" && open && at >= 0) {
      event.preventDefault();
      this.take(products[at]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.setState({ open: false, at: -1 });
    }
  }

  render({ path, text, attributes }, { open, at, products, said }) {
    const id = fieldId(path);
    const option = (position) => `${id}-option-${position}`;
    return html`
      <div class="combo">
        <input ...${attributes} type="text" role="combobox" autocomplete="off" spellcheck=${false}
          aria-autocomplete="list" aria-expanded=${String(open && products.length > 0)}
          aria-controls="${id}-list" aria-activedescendant=${open && at >= 0 ? option(at) : undefined}
          value=${text} placeholder=${t("drug.placeholder")}
          onInput=${(event) => {
            this.props.onType(event.target.value);
            this.search(event.target.value);
          }}
          onKeyDown=${(event) => this.keys(event)}
          onBlur=${() => this.setState({ open: false, at: -1, said: "" })} />
        <ul id="${id}-list" role="listbox" aria-label=${t("drug.list")} hidden=${!open || products.length === 0}>
          ${products.map((product, position) => html`
            <li key=${position} id=${option(position)} role="option" aria-selected=${String(position === at)}
              ref=${position === at ? (item) => item?.scrollIntoView({ block: "nearest" }) : undefined}
              onMouseDown=${(event) => {
                event.preventDefault();
                this.take(product);
              }}>
              <span class="drug-name">${product.name}</span>
              <span class="drug-ingredients">${ingredientsOf(product) || t("drug.no_substance")}</span>
              <span class="drug-code">${word("system", codeOf(product).system)} ${codeOf(product).code}</span>
            </li>`)}
        </ul>
        <p class=${open && products.length === 0 ? "hint" : "unseen"} role="status">${said}</p>
      </div>`;
  }
}
