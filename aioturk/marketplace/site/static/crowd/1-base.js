// What all elements stand on: reading lenient attribute values, making nodes, the shared styles, and two base classes.

/** The assignment of a task that is only looked at. */
const PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE";

/**
 * Read a value from an attribute. Templates write JSON, but also what JavaScript allows: single quotes, names without
 * quotes, commas at the end. It is parsed, never evaluated.
 * @param {string} text
 * @returns {*} What it says.
 * @throws {SyntaxError} When it cannot be read.
 */
function readLiteral(text) {
  const tokens = text.match(/"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|[[\]{},:]|[^\s[\]{},:"']+|["']/g) ?? [];
  let at = 0;
  const escapes = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", 0: "\0", "\n": "" };

  function fail() {
    throw new SyntaxError(at < tokens.length ? `unexpected ${tokens[at]}` : "it ends too early");
  }

  function unquote(token) {
    return token
      .slice(1, -1)
      .replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([^]))/g, (_, four, two, one) =>
        one === undefined ? String.fromCharCode(parseInt(four ?? two, 16)) : (escapes[one] ?? one),
      );
  }

  // Reads what stands between two brackets, each followed by a comma or the end; a comma at the end adds nothing.
  function listed(end, read) {
    at += 1;
    while (tokens[at] !== end) {
      read();
      if (tokens[at] === ",") at += 1;
      else if (tokens[at] !== end) fail();
    }
    at += 1;
  }

  function value() {
    const token = tokens[at];
    if (token === "[") {
      const items = [];
      listed("]", () => items.push(value()));
      return items;
    }
    if (token === "{") {
      const members = Object.create(null);
      listed("}", () => {
        const key = word();
        if (tokens[at] !== ":") fail();
        at += 1;
        members[key] = value();
      });
      return members;
    }
    if (token === undefined || /^["'\]},:]$/.test(token)) fail();
    if (/^["']/.test(token)) return word();
    const constants = { true: true, false: false, null: null, undefined: null };
    const known = Object.hasOwn(constants, token) ? constants[token] : Number(token);
    if (Number.isNaN(known)) fail();
    at += 1;
    return known;
  }

  function word() {
    const token = tokens[at];
    if (token === undefined || /^["'[\]{},:]$/.test(token)) fail();
    at += 1;
    return /^["']/.test(token) ? unquote(token) : token;
  }

  const result = value();
  if (at < tokens.length) fail();
  return result;
}

/** Styles, as they are written. */
const css = String.raw;

/** Make an element with properties (`class`, `role` and whatever has a dash are attributes) and children. */
function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class" || name === "role" || name === "part" || name === "for" || name.includes("-")) {
      node.setAttribute(name, value);
    } else node[name] = value;
  }
  node.append(...children);
  return node;
}

/** Set an attribute, or remove it when the value is null, undefined or false. */
function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : String(value));
}

/** Run when the whole page has been read: only then are an element's children known. */
function whenParsed(run) {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run, { once: true });
  else queueMicrotask(run);
}

// The elements are as light or dark as the page says that it is (color-scheme), not as the person's system is: most
// templates know light colours only, and light text of ours on their white would be unreadable.
const styles = new CSSStyleSheet();
styles.replaceSync(css`
  :host {
    display: block;
    margin: 8px 0;
    --accent: #0b5394;
    --on-accent: #fff;
    --error: #a3150c;
    --error-ground: #fdeceb;
    --line: #6b6b6b;
    --quiet: #f1f3f5;
    --quiet-text: #1b1b1b;
  }
  @supports (color: light-dark(#000, #fff)) {
    :host {
      --accent: light-dark(#0b5394, #9cc9f5);
      --on-accent: light-dark(#fff, #10202f);
      --error: light-dark(#a3150c, #ffb4ab);
      --error-ground: light-dark(#fdeceb, #4a1410);
      --line: light-dark(#6b6b6b, #a2a2a2);
      --quiet: light-dark(#f1f3f5, #2b2f33);
      --quiet-text: light-dark(#1b1b1b, #f2f2f2);
    }
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before {
    box-sizing: border-box;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  label,
  legend {
    font-weight: 600;
  }
  input,
  textarea,
  select,
  button {
    font: inherit;
  }
  input:not([type="radio"], [type="checkbox"], [type="range"], [type="color"]),
  textarea,
  select {
    padding: 6px 8px;
    background: Field;
    color: FieldText;
    border: 1px solid var(--line);
    border-radius: 4px;
  }
  ::placeholder {
    color: inherit;
    opacity: 0.7;
  }
  input.wide,
  textarea {
    display: block;
    width: 100%;
    max-width: 60rem;
    margin-top: 4px;
  }
  input[type="radio"],
  input[type="checkbox"],
  input[type="range"] {
    accent-color: var(--accent);
  }
  [aria-invalid="true"] {
    border-color: var(--error) !important;
  }
  button,
  a.button {
    display: inline-block;
    padding: 7px 16px;
    border: 1px solid var(--line);
    border-radius: 4px;
    background: var(--quiet);
    color: var(--quiet-text);
    cursor: pointer;
    text-decoration: none;
  }
  .primary {
    background: var(--accent);
    color: var(--on-accent);
    border-color: var(--accent);
    font-weight: 600;
  }
  button.link,
  a.link {
    background: none;
    border-color: transparent;
    padding: 7px 4px;
    color: inherit;
    text-decoration: underline;
  }
  button:disabled,
  [aria-disabled="true"] {
    opacity: 0.55;
    cursor: not-allowed;
  }
  .message {
    margin: 4px 0 0;
    padding: 4px 8px;
    background: var(--error-ground);
    color: var(--error);
    border-radius: 4px;
    border-left: 4px solid var(--error);
    max-width: 60rem;
  }
  .note {
    margin: 8px 0;
    padding: 8px 12px;
    background: var(--quiet);
    color: var(--quiet-text);
    border-radius: 4px;
  }
  .header {
    font-size: 1.15em;
    font-weight: 600;
    margin: 0 0 8px;
  }
  dialog {
    max-width: min(48rem, 92vw);
    max-height: 88vh;
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: Canvas;
    color: CanvasText;
    padding: 16px 20px;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 0.45);
  }
  dialog > header {
    display: flex;
    gap: 16px;
    justify-content: space-between;
    align-items: center;
  }
  dialog h2,
  dialog h3 {
    margin: 8px 0;
    font-size: 1.1em;
  }
`);

/**
 * Base of all elements: reads its attributes again whenever one changes, and has its insides in an open shadow
 * root.
 */
class CrowdElement extends HTMLElement {
  /** Attributes by name, with String, Boolean or Number: each is a property too, in camel case. */
  static attributes = {};
  static styles = "";
  static delegatesFocus = true;
  #built = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: this.constructor.delegatesFocus });
    root.adoptedStyleSheets = [styles, this.constructor.sheet];
  }

  static get observedAttributes() {
    return ["title", ...Object.keys(this.attributes)];
  }

  connectedCallback() {
    if (!this.#built) {
      this.build(this.shadowRoot);
      this.#built = true;
      this.#takeEarlyProperties();
      // What the parser has not come to yet, as labels and the element's own content, may matter.
      if (document.readyState === "loading") whenParsed(() => this.refresh());
    }
    this.refresh();
  }

  attributeChangedCallback() {
    if (this.#built) this.refresh();
  }

  /** Whether the insides exist. */
  get built() {
    return this.#built;
  }

  /** Make the insides, once. */
  build(root) {
    root.append(make("slot"));
  }

  /** Bring the insides in line with the attributes; called any number of times. */
  refresh() {}

  // A page may set `element.value = ...` before this script has been loaded: that made a plain property, which would
  // hide ours.
  #takeEarlyProperties() {
    for (const name of Object.keys(this)) {
      if (!(name in Object.getPrototypeOf(this))) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
  }
}

/** Base of all elements that give an answer. */
class CrowdField extends CrowdElement {
  static formAssociated = true; // so that <label for> and <fieldset disabled> work
  #inFieldset = false;
  #internals = this.attachInternals();
  #message = make("p", { class: "message", id: "message", hidden: true, role: "alert" });

  /** The answer, as it stands in the form's object under this element's name; undefined for none. */
  get answer() {
    return undefined;
  }

  /** What is wrong with the answer, as a sentence for the person; empty when nothing is. */
  get complaint() {
    return "";
  }

  /** Where the message about the answer is shown. */
  get message() {
    return this.#message;
  }

  /** Whether it cannot be answered: by itself, or as all of its fieldset. */
  get isDisabled() {
    return this.hasAttribute("disabled") || this.#inFieldset;
  }

  formDisabledCallback(disabled) {
    this.#inFieldset = disabled && !this.hasAttribute("disabled");
    if (this.built) this.refresh();
  }

  checkValidity() {
    return this.isDisabled || this.complaint === "";
  }

  /** Show what is wrong, or that nothing is any more. */
  reportValidity() {
    const text = this.isDisabled ? "" : this.complaint;
    if (this.#message.textContent !== text) this.#message.textContent = text;
    this.#message.hidden = text === "";
    this.markInvalid(text !== "");
    return text === "";
  }

  /** Take a message away once it is true no longer; never bring up a new one while a person still works. */
  settle() {
    if (!this.#message.hidden) this.reportValidity();
  }

  /** Tell assistive technology whether the answer is wrong. */
  markInvalid() {}

  /** Forget what the person answered. */
  reset() {}

  /** What the element is about: its own label, else the page's, else what stands before it, else its name. */
  get words() {
    const labels = [...this.#internals.labels].map((label) => label.textContent.trim()).join(" ");
    const before = (this.previousElementSibling?.textContent ?? "").trim();
    return (
      this.getAttribute("label") ||
      this.getAttribute("aria-label") ||
      labels ||
      this.getAttribute("placeholder") ||
      this.title ||
      (before.length <= 200 ? before : "") ||
      this.getAttribute("name") ||
      "answer"
    );
  }

  /** Tell the page that the person changed the answer, as native fields do. */
  announce(...types) {
    for (const type of types) this.dispatchEvent(new Event(type, { bubbles: true, composed: type === "input" }));
    this.settle();
  }
}

/** Register an element, with a property for each of its attributes. */
function define(name, type) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(type.styles);
  type.sheet = sheet;
  for (const [attribute, kind] of Object.entries(type.attributes)) {
    const property = attribute.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    if (property in type.prototype && property !== "title") continue; // it has one of its own
    Object.defineProperty(type.prototype, property, {
      configurable: true,
      enumerable: true,
      get() {
        if (kind === Boolean) return this.hasAttribute(attribute);
        const value = this.getAttribute(attribute);
        return kind === Number ? (value === null ? undefined : Number(value)) : (value ?? "");
      },
      set(value) {
        setAttribute(this, attribute, kind === Boolean ? Boolean(value) : value);
      },
    });
  }
  // A page that loads the script twice keeps the first.
  if (!customElements.get(name)) customElements.define(name, type);
}

/** A dialog with a title and a button that closes it. */
function makeDialog(title, ...content) {
  const dialog = make("dialog", { "aria-label": title });
  const close = make("button", { type: "button", class: "link", onclick: () => dialog.close() }, "Close");
  dialog.append(make("header", {}, make("h2", {}, title), close), ...content);
  return dialog;
}

// Parts of other elements, which are no elements of their own; the page's own styles win over these.
const regions = new CSSStyleSheet();
regions.replaceSync(css`
  :where(
    short-instructions,
    full-instructions,
    short-summary,
    detailed-instructions,
    positive-example,
    negative-example,
    classification-target,
    worker-comment
  ) {
    display: block;
  }
`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, regions];

/** Send an element's children of some kinds to the slots of those names, also children that come later. */
function assignSlots(host, names) {
  const assign = () => {
    for (const child of host.children) if (names.includes(child.localName)) child.slot = child.localName;
  };
  new MutationObserver(assign).observe(host, { childList: true });
  assign();
}

const SYMBOLS = {
  add: "+",
  "arrow-back": "←",
  "arrow-forward": "→",
  cancel: "✕",
  check: "✓",
  clear: "✕",
  close: "✕",
  create: "✎",
  delete: "🗑",
  done: "✓",
  error: "⚠",
  favorite: "♥",
  help: "?",
  home: "⌂",
  info: "ⓘ",
  menu: "☰",
  "question-answer": "💬",
  refresh: "↻",
  remove: "−",
  "report-problem": "⚠",
  save: "💾",
  search: "⌕",
  send: "➤",
  settings: "⚙",
  star: "★",
  "thumb-down": "👎",
  "thumb-up": "👍",
  undo: "↶",
  warning: "⚠",
  "zoom-in": "⊕",
  "zoom-out": "⊖",
};

/** A picture for an icon's name or address: a sign if we have one, else the words of its name. */
function iconOf(icon) {
  if (/[/.]/.test(icon)) return make("img", { src: icon, alt: "", height: 20 });
  const name = icon.replace(/^[a-z-]+:/, "");
  return make("span", { "aria-hidden": "true" }, SYMBOLS[name] ?? name.replaceAll("-", " "));
}

/** The words of an icon's name. */
function iconWords(icon) {
  return /[/.]/.test(icon) ? "" : icon.replace(/^[a-z-]+:/, "").replaceAll("-", " ");
}
