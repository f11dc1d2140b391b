// What shows or hides things and gives no answer: <crowd-instructions>, <crowd-modal>, <crowd-tabs>, <crowd-tab>,
// <crowd-card>, <crowd-alert>, <crowd-badge>, <crowd-toast>.

/** A link or a button that opens a dialog. */
class CrowdModal extends CrowdElement {
  static attributes = { "link-text": String, "link-type": String, opened: Boolean };
  static delegatesFocus = false;
  static styles = ":host { display: inline-block; }";
  static linkText = "Click to open modal";
  #opener = make("button", { type: "button" });
  #dialog = null;

  build(root) {
    this.#dialog = makeDialog("", ...this.content());
    this.#opener.addEventListener("click", () => this.open());
    // The event comes some time after the dialog closed: meanwhile somebody may have opened it again.
    this.#dialog.addEventListener("close", () => {
      if (!this.#dialog.open) this.opened = false;
    });
    root.append(this.#opener, this.#dialog);
  }

  content() {
    return [make("slot")];
  }

  refresh() {
    const text = this.getAttribute("link-text") || this.constructor.linkText;
    this.#opener.textContent = text;
    this.#opener.className = this.getAttribute("link-type") === "button" ? "" : "link";
    this.#dialog.setAttribute("aria-label", text);
    this.#dialog.querySelector("h2").textContent = text;
    if (this.hasAttribute("opened") && !this.#dialog.open && this.isConnected) this.#dialog.showModal();
    if (!this.hasAttribute("opened") && this.#dialog.open) this.#dialog.close();
  }

  open() {
    this.opened = true;
  }

  close() {
    this.opened = false;
  }

  toggle() {
    this.opened = !this.opened;
  }

  /** Something in it has to be seen. */
  reveal() {
    this.open();
  }
}

const INSTRUCTIONS = [
  ["short-summary", "Summary"],
  ["detailed-instructions", "Detailed instructions"],
  ["positive-example", "Good examples"],
  ["negative-example", "Bad examples"],
];

class CrowdInstructions extends CrowdModal {
  static linkText = "Click for instructions";

  content() {
    const parts = INSTRUCTIONS.map(([name, title]) => {
      const slot = make("slot", { name });
      const part = make("section", { hidden: true }, make("h3", {}, title), slot);
      slot.addEventListener("slotchange", () => {
        part.hidden = slot.assignedElements().length === 0;
      });
      return part;
    });
    assignSlots(
      this,
      INSTRUCTIONS.map(([name]) => name),
    );
    return [...parts, make("slot")];
  }
}

class CrowdTab extends CrowdElement {
  static attributes = { header: String };
  static delegatesFocus = false;

  build(root) {
    super.build(root);
    this.setAttribute("role", "tabpanel");
    this.tabIndex = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.parentElement?.arrange?.();
  }

  refresh() {
    this.setAttribute("aria-label", this.getAttribute("header") ?? "");
    this.parentElement?.arrange?.();
  }

  reveal() {
    this.parentElement?.choose?.(this);
  }
}

class CrowdTabs extends CrowdElement {
  static delegatesFocus = false;
  static styles = css`
    [role="tablist"] {
      display: flex;
      flex-wrap: wrap;
      gap: 4px;
      border-bottom: 1px solid var(--line);
      margin-bottom: 8px;
    }
    [role="tab"] {
      border-bottom: 0;
      border-radius: 4px 4px 0 0;
    }
    [aria-selected="true"] {
      background: var(--accent);
      color: var(--on-accent);
    }
  `;
  #list = make("div", { role: "tablist" });
  #chosen = null;

  build(root) {
    root.append(this.#list, make("slot"));
    new MutationObserver(() => this.arrange()).observe(this, { childList: true });
    this.#list.addEventListener("keydown", (event) => this.#move(event));
  }

  refresh() {
    this.arrange();
  }

  get tabs() {
    return [...this.children].filter((child) => child.localName === "crowd-tab");
  }

  /** Show this one. */
  choose(tab) {
    this.#chosen = tab;
    this.arrange();
  }

  /** Bring the row of tabs in line with the children. */
  arrange() {
    const { tabs } = this;
    if (!tabs.includes(this.#chosen)) this.#chosen = tabs[0] ?? null;
    this.#list.hidden = tabs.length === 0; // a list of nothing is no list
    while (this.#list.children.length > tabs.length) this.#list.lastChild.remove();
    tabs.forEach((tab, at) => {
      const button = this.#list.children[at] ?? this.#list.appendChild(make("button", { type: "button", role: "tab" }));
      button.textContent = tab.getAttribute("header") || `Tab ${at + 1}`;
      button.setAttribute("aria-selected", String(tab === this.#chosen));
      button.tabIndex = tab === this.#chosen ? 0 : -1;
      button.onclick = () => this.choose(tab);
      tab.hidden = tab !== this.#chosen;
    });
  }

  #move(event) {
    const { tabs } = this;
    const at = tabs.indexOf(this.#chosen);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const place = (next + tabs.length) % tabs.length;
    this.choose(tabs[place]);
    this.#list.children[place].focus();
  }
}

class CrowdCard extends CrowdElement {
  static attributes = { heading: String, image: String };
  static delegatesFocus = false;
  static styles = css`
    :host {
      border: 1px solid var(--line);
      border-radius: 6px;
      padding: 12px;
      box-sizing: border-box;
    }
    img {
      max-width: 100%;
    }
  `;
  #image = make("img", { alt: "" });
  #heading = make("div", { class: "header" });

  build(root) {
    root.append(this.#image, this.#heading, make("slot"));
  }

  refresh() {
    this.#heading.textContent = this.getAttribute("heading") ?? "";
    this.#heading.hidden = !this.hasAttribute("heading");
    this.#image.hidden = !this.hasAttribute("image");
    if (this.hasAttribute("image")) this.#image.src = this.getAttribute("image");
  }
}

class CrowdAlert extends CrowdElement {
  static attributes = { type: String, dismissible: Boolean };
  static delegatesFocus = false;
  static styles = css`
    :host {
      display: flex;
      gap: 8px;
      align-items: start;
      justify-content: space-between;
      padding: 8px 12px;
      border-radius: 4px;
      border-left: 4px solid var(--accent);
      background: var(--quiet);
      color: var(--quiet-text);
    }
    :host([type="error"]) {
      border-color: var(--error);
      background: var(--error-ground);
      color: var(--error);
    }
    :host([type="warning"]) {
      border-color: #b26a00;
    }
    :host([type="success"]) {
      border-color: #2e7d32;
    }
    button {
      color: inherit;
      padding: 0 4px;
    }
  `;
  #close = make("button", { type: "button", class: "link", "aria-label": "Close this message" }, "✕");

  build(root) {
    this.#close.addEventListener("click", () => {
      this.hidden = true;
    });
    root.append(make("div", {}, make("slot")), this.#close);
  }

  refresh() {
    this.setAttribute("role", this.getAttribute("type") === "error" ? "alert" : "status");
    this.#close.hidden = !this.hasAttribute("dismissible");
  }
}

class CrowdBadge extends CrowdElement {
  static attributes = { for: String, icon: String, label: String };
  static delegatesFocus = false;
  static styles = css`
    :host {
      display: inline-block;
      margin: 0 4px;
    }
    .badge {
      display: inline-block;
      min-width: 1.6em;
      padding: 1px 6px;
      border-radius: 1em;
      text-align: center;
      font-size: 0.85em;
      background: var(--accent);
      color: var(--on-accent);
    }
  `;
  #badge = make("span", { class: "badge" });

  build(root) {
    root.append(this.#badge, make("slot"));
  }

  refresh() {
    const icon = this.getAttribute("icon");
    this.#badge.replaceChildren(icon ? iconOf(icon) : (this.getAttribute("label") ?? ""));
  }
}

class CrowdToast extends CrowdElement {
  static attributes = { text: String, duration: Number, opened: Boolean };
  static delegatesFocus = false;
  static styles = css`
    :host {
      position: fixed;
      left: 16px;
      bottom: 16px;
      z-index: 10;
      max-width: min(30rem, 90vw);
      padding: 12px 16px;
      border-radius: 6px;
      background: #26292c;
      color: #fff;
    }
    :host(:not([opened])) {
      display: none;
    }
  `;
  #text = make("span");
  #timer = 0;

  build(root) {
    root.append(this.#text, make("slot"));
    this.setAttribute("role", "status");
  }

  refresh() {
    this.#text.textContent = this.getAttribute("text") ?? "";
    clearTimeout(this.#timer);
    const duration = Number(this.getAttribute("duration") ?? 3000);
    if (this.hasAttribute("opened") && duration > 0) this.#timer = setTimeout(() => this.close(), duration);
  }

  open() {
    this.opened = true;
  }

  show() {
    this.open();
  }

  close() {
    this.opened = false;
  }

  hide() {
    this.close();
  }
}
