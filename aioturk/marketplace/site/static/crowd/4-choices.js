// Things to switch on and off: <crowd-checkbox>, <crowd-toggle-button>, <crowd-radio-button>, <crowd-radio-group>.

/** What switches have in common. The element itself is the control, so that its content is its name. */
class CrowdSwitch extends CrowdField {
  static attributes = {
    name: String,
    value: String,
    checked: Boolean,
    disabled: Boolean,
    required: Boolean,
    label: String,
  };
  static delegatesFocus = false;
  static kind = "checkbox";
  static styles = css`
    :host {
      cursor: pointer;
      display: inline-block;
      border-radius: 4px;
      padding: 2px 4px;
    }
    :host(:focus-visible) {
      outline: 3px solid var(--accent);
      outline-offset: 2px;
    }
    :host([aria-disabled="true"]) {
      opacity: 0.55;
      cursor: not-allowed;
    }
    .mark {
      display: inline-flex;
      width: 1.15em;
      height: 1.15em;
      margin-right: 6px;
      border: 2px solid var(--line);
      border-radius: 3px;
      vertical-align: middle;
      align-items: center;
      justify-content: center;
      background: Field;
      flex: none;
    }
    :host([role="radio"]) .mark {
      border-radius: 50%;
    }
    :host([role="switch"]) .mark {
      width: 2.3em;
      border-radius: 1em;
      justify-content: flex-start;
      padding: 0 2px;
    }
    .mark::before {
      content: "";
    }
    :host([aria-checked="true"]) .mark {
      background: var(--accent);
      border-color: var(--accent);
      color: var(--on-accent);
    }
    :host([role="checkbox"][aria-checked="true"]) .mark::before {
      content: "✓";
      font-weight: 700;
      font-size: 0.9em;
      line-height: 1;
    }
    :host([role="radio"][aria-checked="true"]) .mark::before {
      width: 0.5em;
      height: 0.5em;
      border-radius: 50%;
      background: currentColor;
    }
    :host([role="switch"]) .mark::before {
      width: 0.75em;
      height: 0.75em;
      border-radius: 50%;
      background: var(--line);
    }
    :host([role="switch"][aria-checked="true"]) .mark {
      justify-content: flex-end;
    }
    :host([role="switch"][aria-checked="true"]) .mark::before {
      background: currentColor;
    }
    :host([invalid][aria-checked="false"]) .mark,
    :host([aria-invalid="true"]) .mark {
      border-color: var(--error);
    }
  `;
  #checked;
  #label = make("span");
  #isNamed = false;

  build(root) {
    const slot = make("slot");
    slot.addEventListener("slotchange", () => this.#nameItself());
    root.append(make("span", { class: "mark", "aria-hidden": "true" }), slot, this.#label, this.message);
    this.setAttribute("role", this.constructor.kind);
    this.addEventListener("click", (event) => {
      // A click on a link or a field in the content is meant for that.
      if (event.target !== this && event.target.closest?.("a, button, input, select, textarea")) return;
      if (!this.isDisabled) this.toggle();
    });
    this.addEventListener("keydown", (event) => {
      if (event.target !== this || (event.key !== " " && event.key !== "Enter")) return;
      event.preventDefault(); // the space bar would scroll
      if (event.key === " ") this.click();
    });
  }

  refresh() {
    this.setAttribute("aria-checked", String(this.checked));
    setAttribute(this, "aria-disabled", this.isDisabled ? "true" : null);
    this.setFocusable();
    this.#nameItself();
  }

  // Without content of its own the element says what it is about by the words before it.
  #nameItself() {
    const hasContent = this.textContent.trim() !== "";
    this.#label.textContent = hasContent ? "" : (this.getAttribute("label") ?? "");
    if (this.#isNamed) this.removeAttribute("aria-label");
    this.#isNamed = !hasContent && !this.hasAttribute("aria-label");
    if (this.#isNamed) this.setAttribute("aria-label", this.words);
  }

  setFocusable() {
    this.tabIndex = this.isDisabled ? -1 : 0;
  }

  get checked() {
    return this.#checked ?? this.hasAttribute("checked");
  }

  set checked(isChecked) {
    this.#checked = Boolean(isChecked);
    if (this.built) this.refresh();
    this.settle();
  }

  /** The name of the state within the answer. */
  get value() {
    return this.getAttribute("value") ?? "on";
  }

  set value(value) {
    this.setAttribute("value", value);
  }

  /** The person wants the other state. */
  toggle() {
    this.checked = !this.checked;
    this.announce("input", "change");
  }

  get answer() {
    return single(this.value, this.checked);
  }

  get complaint() {
    return this.hasAttribute("required") && !this.checked ? "Please tick this." : "";
  }

  markInvalid(isWrong) {
    setAttribute(this, "aria-invalid", isWrong ? "true" : null);
  }

  reset() {
    this.#checked = undefined;
    this.refresh();
  }
}

class CrowdToggle extends CrowdSwitch {
  static kind = "switch";
  static attributes = { ...CrowdSwitch.attributes, invalid: Boolean };

  get complaint() {
    return super.complaint && "Please switch this on.";
  }
}

class CrowdRadio extends CrowdSwitch {
  static kind = "radio";
  #group = null;

  connectedCallback() {
    super.connectedCallback();
    this.#group = this.closest("crowd-radio-group");
    this.#group?.arrange?.();
  }

  disconnectedCallback() {
    this.#group?.arrange?.();
  }

  get group() {
    return this.closest("crowd-radio-group");
  }

  /** Its own name; a button without one takes its group's, as its answer would be lost. */
  get groupName() {
    return this.getAttribute("name") ?? this.group?.getAttribute("name");
  }

  get checked() {
    return super.checked;
  }

  set checked(isChecked) {
    super.checked = isChecked;
    if (isChecked) this.group?.settleOn?.(this);
  }

  toggle() {
    // Within a group only another choice takes one away.
    if (this.group && this.checked) return;
    super.toggle();
    this.group?.settle?.();
  }

  setFocusable() {
    if (!this.group) super.setFocusable();
    else if (this.group.arrange) this.group.arrange();
  }

  get complaint() {
    return this.group ? "" : super.complaint;
  }
}

class CrowdRadioGroup extends CrowdField {
  static attributes = { name: String, label: String, required: Boolean, disabled: Boolean };
  static delegatesFocus = false;

  build(root) {
    root.append(make("slot"), this.message);
    if (!this.hasAttribute("role")) this.setAttribute("role", "radiogroup");
    this.addEventListener("keydown", (event) => this.#move(event));
  }

  refresh() {
    if (!this.hasAttribute("aria-label") && !this.hasAttribute("aria-labelledby"))
      this.setAttribute("aria-label", this.words);
    setAttribute(this, "aria-required", this.hasAttribute("required") ? "true" : null);
    this.arrange();
  }

  get buttons() {
    return [...this.querySelectorAll("crowd-radio-button")].filter((each) => each instanceof CrowdRadio);
  }

  /** The button that is chosen, or null. */
  get selected() {
    return this.buttons.find((button) => button.checked) ?? null;
  }

  /** The value of the button that is chosen. */
  get value() {
    return this.selected?.value ?? "";
  }

  /** One of the group can be reached with the tabulator key; arrows lead to the others. */
  arrange() {
    const buttons = this.buttons.filter((button) => !button.isDisabled);
    const reachable = buttons.find((button) => button.checked) ?? buttons[0];
    for (const button of this.buttons) button.tabIndex = button === reachable ? 0 : -1;
  }

  /** This button was chosen: all others are not. */
  settleOn(chosen) {
    for (const button of this.buttons) if (button !== chosen && button.checked) button.checked = false;
    this.arrange();
    this.settle();
  }

  get complaint() {
    return this.hasAttribute("required") && !this.selected ? "Please choose one." : "";
  }

  markInvalid(isWrong) {
    setAttribute(this, "aria-invalid", isWrong ? "true" : null);
  }

  focus(options) {
    (this.selected ?? this.buttons[0])?.focus(options);
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const buttons = this.buttons.filter((button) => !button.isDisabled);
    const at = buttons.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = buttons[(at + step + buttons.length) % buttons.length];
    next.focus();
    if (!next.checked) next.toggle();
  }
}
