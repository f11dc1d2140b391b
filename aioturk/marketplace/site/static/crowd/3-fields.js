// Text and numbers: <crowd-input>, <crowd-text-area>, <crowd-slider>.

const INPUT_TYPES = [
  "text",
  "number",
  "email",
  "url",
  "tel",
  "date",
  "time",
  "datetime-local",
  "month",
  "week",
  "password",
  "search",
  "color",
  "range",
  "file",
  "hidden",
];

/** What a single line and many lines have in common. */
class CrowdText extends CrowdField {
  static attributes = {
    label: String,
    name: String,
    value: String,
    placeholder: String,
    required: Boolean,
    disabled: Boolean,
    readonly: Boolean,
    "max-length": Number,
    "min-length": Number,
    "error-message": String,
    "auto-validate": Boolean,
    "auto-focus": Boolean,
    "allowed-pattern": String,
  };
  #field = this.makeField();
  #label = make("label", { for: "field" });
  #isSet = false;

  build(root) {
    const field = this.#field;
    field.id = "field";
    field.setAttribute("aria-describedby", "message");
    // `input` leaves a shadow root by itself, `change` does not.
    field.addEventListener("input", () => {
      this.#isSet = true;
      this.changed();
      this.settle();
    });
    field.addEventListener("change", () => this.announce("change"));
    field.addEventListener("blur", () => {
      if (this.hasAttribute("auto-validate") && this.#isSet) this.reportValidity();
    });
    field.addEventListener("beforeinput", (event) => this.#filter(event));
    root.append(this.#label, field, ...this.extras(), this.message, make("slot"));
    if (this.hasAttribute("auto-focus")) whenParsed(() => field.focus());
  }

  get field() {
    return this.#field;
  }

  /** More nodes, after the field. */
  extras() {
    return [];
  }

  /** The text changed, by whomever. */
  changed() {}

  refresh() {
    const field = this.#field;
    const label = this.getAttribute("label") ?? "";
    this.#label.textContent = label && this.hasAttribute("required") ? `${label} *` : label;
    this.#label.hidden = label === "";
    field.setAttribute("aria-label", this.words);
    field.placeholder = this.getAttribute("placeholder") ?? "";
    field.required = this.hasAttribute("required");
    field.disabled = this.isDisabled;
    field.readOnly = this.hasAttribute("readonly");
    setAttribute(field, "maxlength", this.getAttribute("max-length") ?? this.getAttribute("maxlength"));
    setAttribute(field, "minlength", this.getAttribute("min-length") ?? this.getAttribute("minlength"));
    if (!this.#isSet && field.type !== "file") field.value = this.getAttribute("value") ?? "";
    this.changed();
  }

  get value() {
    return this.built || this.#isSet ? this.#field.value : (this.getAttribute("value") ?? "");
  }

  set value(text) {
    this.#isSet = true;
    this.#field.value = text ?? "";
    this.changed();
    this.settle();
  }

  get answer() {
    if (this.#field.type === "file") return nativeAnswer(this.#field);
    return this.value || undefined; // what was left empty is no answer, as in the manual
  }

  get complaint() {
    const { validity, validationMessage } = this.#field;
    // The browser minds the least length only of what was typed.
    const shortest = Number(this.getAttribute("min-length") ?? 0);
    const isShort = this.value !== "" && this.value.length < shortest;
    if (validity.valid && !isShort) return "";
    if (this.getAttribute("error-message")) return this.getAttribute("error-message");
    if (validity.valueMissing) return "Please answer this.";
    return isShort ? `Please write at least ${shortest} characters.` : validationMessage;
  }

  markInvalid(isWrong) {
    this.#field.setAttribute("aria-invalid", String(isWrong));
  }

  reset() {
    this.#isSet = false;
    if (this.#field.type === "file") this.#field.value = "";
    this.refresh();
  }

  // Characters that the template does not allow are ignored as they are typed or pasted.
  #filter(event) {
    const allowed = this.getAttribute("allowed-pattern");
    const typed = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    if (!allowed || !this.hasAttribute("auto-validate") || !event.inputType.startsWith("insert") || typed === "")
      return;
    let pattern;
    try {
      pattern = new RegExp(`^(?:${allowed})$`, "u");
    } catch (error) {
      console.warn(`allowed-pattern of ${this.localName} cannot be read: ${error.message}`);
      return;
    }
    const kept = [...typed].filter((character) => pattern.test(character)).join("");
    if (kept === typed) return;
    event.preventDefault();
    if (kept) document.execCommand("insertText", false, kept); // the one way that keeps the field's undo
  }
}

class CrowdInput extends CrowdText {
  static attributes = {
    ...CrowdText.attributes,
    type: String,
    min: String,
    max: String,
    step: String,
    pattern: String,
  };

  makeField() {
    return make("input", { class: "wide" });
  }

  refresh() {
    const type = this.getAttribute("type") ?? "text";
    const kind = INPUT_TYPES.includes(type) ? type : "text";
    if (this.field.type !== kind) this.field.type = kind;
    for (const name of ["min", "max", "step", "pattern"]) setAttribute(this.field, name, this.getAttribute(name));
    super.refresh();
  }
}

class CrowdTextArea extends CrowdText {
  static attributes = { ...CrowdText.attributes, rows: Number, "max-rows": Number, "char-counter": Boolean };
  static styles =
    "textarea { field-sizing: content; } .count { text-align: right; max-width: 60rem; font-size: .9em; }";
  #count = make("div", { class: "count" });

  makeField() {
    return make("textarea");
  }

  extras() {
    return [this.#count];
  }

  changed() {
    this.#count.hidden = !this.hasAttribute("char-counter");
    this.#count.textContent = `${this.field.value.length} characters`;
  }

  refresh() {
    const rows = Math.max(1, Number(this.getAttribute("rows")) || 1);
    const most = Number(this.getAttribute("max-rows"));
    this.field.rows = rows;
    // The field grows with its text, from `rows` to `max-rows` lines; 14 pixels are its padding and border.
    this.field.style.minHeight = `calc(${rows}lh + 14px)`;
    this.field.style.maxHeight = most ? `calc(${Math.max(rows, most)}lh + 14px)` : "";
    super.refresh();
  }
}

class CrowdSlider extends CrowdField {
  static attributes = {
    name: String,
    label: String,
    min: Number,
    max: Number,
    step: Number,
    value: Number,
    required: Boolean,
    disabled: Boolean,
    pin: Boolean,
    editable: Boolean,
    "secondary-progress": Number,
  };
  static styles = css`
    div {
      display: flex;
      gap: 12px;
      align-items: center;
      max-width: 30rem;
    }
    input[type="range"] {
      flex: 1;
    }
    input[type="number"] {
      width: 6rem;
    }
    output {
      min-width: 4ch;
    }
  `;
  #range = make("input", { type: "range", id: "field", "aria-describedby": "message" });
  #number = make("input", { type: "number", "aria-describedby": "message" });
  #shown = make("output", { for: "field" });
  #label = make("label", { for: "field" });
  #isSet = false;

  build(root) {
    root.append(this.#label, make("div", {}, this.#range, this.#number, this.#shown), this.message, make("slot"));
    const range = this.#range;
    range.addEventListener("input", () => this.#choose(range.value));
    range.addEventListener("change", () => this.announce("change"));
    // The place where the knob already stands can be chosen too, which is no change for the browser.
    range.addEventListener("pointerup", () => this.#choose(range.value));
    range.addEventListener("keydown", (event) => {
      if (/^(Arrow|Home|End|Page|Enter| )/.test(event.key)) queueMicrotask(() => this.#choose(range.value));
    });
    this.#number.addEventListener("change", () => {
      if (this.#number.value !== "") this.#choose(this.#number.value);
      this.announce("change");
    });
  }

  #choose(value) {
    this.value = value;
    this.settle();
  }

  refresh() {
    for (const field of [this.#range, this.#number]) {
      field.min = this.getAttribute("min") ?? "0";
      field.max = this.getAttribute("max") ?? "100";
      field.step = this.getAttribute("step") ?? "1";
      field.disabled = this.isDisabled;
      field.setAttribute("aria-label", this.words);
    }
    this.#label.textContent = this.getAttribute("label") ?? "";
    this.#label.hidden = !this.hasAttribute("label");
    this.#number.hidden = !this.hasAttribute("editable");
    if (!this.#isSet) this.#range.value = this.getAttribute("value") ?? this.#range.min;
    this.#show();
  }

  #show() {
    const value = this.value;
    this.#number.value = value ?? "";
    this.#shown.textContent = value ?? "not set";
    setAttribute(this.#range, "aria-valuetext", value === undefined ? "not set" : null);
  }

  /** The number, or undefined as long as nobody chose one. */
  get value() {
    return this.#isSet || this.hasAttribute("value") ? Number(this.#range.value) : undefined;
  }

  set value(value) {
    this.#isSet = true;
    this.#range.value = value;
    if (this.built) this.#show();
  }

  get answer() {
    return this.value;
  }

  get complaint() {
    return this.hasAttribute("required") && this.value === undefined ? "Please move the knob to your answer." : "";
  }

  markInvalid(isWrong) {
    this.#range.setAttribute("aria-invalid", String(isWrong));
  }

  reset() {
    this.#isSet = false;
    this.refresh();
  }
}
