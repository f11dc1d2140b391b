// Buttons: <crowd-button>, <crowd-icon-button>, <crowd-fab>; and <iron-icon>, which templates put into them.

class CrowdButton extends CrowdElement {
  static formAssociated = true; // for <fieldset disabled>
  static attributes = {
    "form-action": String,
    variant: String,
    disabled: Boolean,
    loading: Boolean,
    href: String,
    target: String,
    icon: String,
    "icon-align": String,
    "icon-url": String,
    label: String,
    type: String,
  };
  static styles =
    ":host { display: inline-block; margin: 4px 4px 4px 0; } .round { border-radius: 50%; padding: 8px 12px; }";
  #control = null;

  build(root) {
    root.addEventListener("slotchange", () => this.#nameItself());
    this.addEventListener("click", (event) => {
      if (!this.isDisabled) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    });
  }

  get isDisabled() {
    return this.hasAttribute("disabled") || this.hasAttribute("loading") || this.matches(":disabled");
  }

  formDisabledCallback() {
    if (this.built) this.refresh();
  }

  refresh() {
    const hasFocus = this.shadowRoot.activeElement !== null;
    const href = this.getAttribute("href");
    const control =
      href && !this.isDisabled
        ? make("a", { href, target: this.getAttribute("target") ?? "" })
        : make("button", { type: "button", disabled: this.isDisabled });
    const variant =
      this.getAttribute("variant") || (this.getAttribute("form-action") === "submit" ? "primary" : "normal");
    control.className = `button ${variant} ${this.shape}`;
    control.append(...this.content());
    if (this.hasAttribute("loading")) {
      control.setAttribute("aria-busy", "true");
      control.append(" …");
    }
    if (this.title) control.title = this.title;
    this.#control?.remove();
    this.#control = control;
    this.#nameItself();
    this.shadowRoot.append(control);
    if (hasFocus) control.focus();
  }

  #nameItself() {
    const name = this.getAttribute("aria-label") ?? (this.textContent.trim() ? null : this.spoken);
    setAttribute(this.#control, "aria-label", name);
  }

  get shape() {
    return "";
  }

  get spoken() {
    const icon = this.getAttribute("icon") ?? this.querySelector("iron-icon")?.getAttribute("icon") ?? "";
    return this.title || this.getAttribute("label") || iconWords(icon) || "Button";
  }

  content() {
    const icon = this.getAttribute("icon-url") ?? this.getAttribute("icon");
    const words = [make("slot")];
    if (!icon) return words;
    const picture = this.hasAttribute("icon-url") ? make("img", { src: icon, alt: "", height: 20 }) : iconOf(icon);
    return this.getAttribute("icon-align") === "right" ? [...words, " ", picture] : [picture, " ", ...words];
  }
}

/** A button of which only the icon is seen; its title is its name. */
class CrowdIconButton extends CrowdButton {
  get shape() {
    return "round";
  }

  content() {
    const icon = this.getAttribute("icon");
    return icon ? [iconOf(icon), make("slot")] : [this.getAttribute("label") ?? "", make("slot")];
  }
}

class IronIcon extends CrowdElement {
  static attributes = { icon: String, src: String };
  static styles = ":host { display: inline-block; margin: 0; }";

  refresh() {
    const icon = this.getAttribute("icon") || this.getAttribute("src");
    this.shadowRoot.replaceChildren(...(icon ? [iconOf(icon)] : []), make("slot"));
  }
}
