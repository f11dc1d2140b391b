// Choosing categories: <crowd-classifier>, <crowd-image-classifier>, and their forms for several categories at once.

const TASK_REGIONS = ["short-instructions", "full-instructions", "classification-target"];

/** Elements around one thing to judge: a header, instructions, and what stands beside them. */
class CrowdWidget extends CrowdField {
  static styles = css`
    fieldset {
      border: 1px solid var(--line);
      border-radius: 6px;
      margin: 12px 0;
      padding: 8px 12px;
    }
    legend {
      padding: 0 4px;
    }
    .choice {
      display: flex;
      gap: 8px;
      padding: 6px 4px;
      font-weight: 400;
      cursor: pointer;
    }
    .picture {
      position: relative;
      display: inline-block;
      max-width: 100%;
    }
    .picture img {
      display: block;
      max-width: 100%;
    }
    .instructions {
      margin: 8px 0;
    }
    textarea {
      margin-bottom: 8px;
    }
  `;
  #header = make("p", { class: "header" });
  #trouble = "";

  /** What an attribute says, or what to use instead; a text that cannot be read is told to the person. */
  literal(attribute, otherwise) {
    const text = this.getAttribute(attribute);
    if (text === null || text.trim() === "") return otherwise;
    try {
      return readLiteral(text);
    } catch (error) {
      this.#trouble =
        `This task has a mistake: ${attribute} of <${this.localName}> cannot be read (${error.message}). Please ` +
        "return the task.";
      return otherwise;
    }
  }

  /** The texts of a list of categories or labels; some templates write {label: "…"}. */
  texts(attribute) {
    const list = this.literal(attribute, []);
    return (Array.isArray(list) ? list : [list]).map((each) => String(each?.label ?? each?.text ?? each));
  }

  build(root) {
    const instructions = make("slot", { name: "full-instructions" });
    const dialog = makeDialog("Instructions", instructions);
    const more = make(
      "button",
      { type: "button", class: "link", hidden: true, onclick: () => dialog.showModal() },
      "View full instructions",
    );
    instructions.addEventListener("slotchange", () => {
      const [full] = instructions.assignedElements();
      more.hidden = !full;
      const title = full?.getAttribute("header") || "Instructions";
      dialog.setAttribute("aria-label", title);
      dialog.querySelector("h2").textContent = title;
    });
    assignSlots(this, [...TASK_REGIONS, "worker-comment"]);
    root.append(
      this.#header,
      make("div", { class: "instructions" }, make("slot", { name: "short-instructions" }), more),
      dialog,
      ...this.body(),
      this.message,
      make("slot"),
    );
  }

  refresh() {
    this.#trouble = "";
    this.#header.textContent = this.getAttribute("header") ?? "";
    this.#header.hidden = !this.hasAttribute("header");
    this.arrange();
    if (this.#trouble) this.reportValidity();
  }

  /** The nodes of the widget itself. */
  body() {
    return [];
  }

  /** Bring them in line with the attributes. */
  arrange() {}

  get complaint() {
    return this.#trouble || this.incomplete;
  }

  /** What is missing from the answer. */
  get incomplete() {
    return "";
  }
}

class CrowdClassifier extends CrowdWidget {
  static attributes = { name: String, header: String, categories: String, disabled: Boolean };
  static type = "radio";
  #choices = make("fieldset");
  #comment = make("textarea", { rows: 3 });
  #commentOn = make("label", { hidden: true });
  #known = "";

  body() {
    const asked = make("slot", { name: "worker-comment" });
    const heading = make("span");
    this.#commentOn.append(heading, this.#comment);
    asked.addEventListener("slotchange", () => {
      const [region] = asked.assignedElements();
      this.#commentOn.hidden = !region;
      heading.textContent = region?.getAttribute("header") || region?.getAttribute("link-text") || "Add a comment";
      this.#comment.placeholder = region?.getAttribute("placeholder") ?? "";
    });
    this.#choices.addEventListener("input", (event) => {
      this.chosen(event.target);
      this.settle();
    });
    for (const node of [this.#choices, this.#comment]) node.addEventListener("change", () => this.announce("change"));
    return [...this.target(), this.#choices, asked, this.#commentOn];
  }

  /** What is to be classified. */
  target() {
    return [make("slot", { name: "classification-target" })];
  }

  /** The categories, in order. */
  get options() {
    return this.texts("categories");
  }

  arrange() {
    const options = this.options;
    this.#choices.disabled = this.isDisabled;
    if (JSON.stringify(options) === this.#known) return; // choices that a person made stay
    this.#known = JSON.stringify(options);
    const type = this.constructor.type;
    const choices = options.map((option) =>
      make("label", { class: "choice" }, make("input", { type, name: "choice", value: option }), option),
    );
    const title = type === "radio" ? "Choose one" : "Choose all that apply";
    this.#choices.replaceChildren(make("legend", {}, title), ...choices);
  }

  get inputs() {
    return [...this.#choices.querySelectorAll("input")];
  }

  /** The categories that are chosen. */
  get labels() {
    return this.inputs.filter((input) => input.checked).map((input) => input.value);
  }

  /** A person changed this one. */
  chosen() {}

  /** The answer so far; it can be set too. */
  get value() {
    const comment = this.#commentOn.hidden ? "" : this.#comment.value;
    return { ...this.judgement, ...(comment ? { workerComment: comment } : {}) };
  }

  set value(value) {
    const labels = value?.labels ?? [value?.label];
    for (const input of this.inputs) input.checked = labels.includes(input.value);
    if (value?.workerComment !== undefined) this.#comment.value = value.workerComment;
    this.settle();
  }

  get judgement() {
    return this.labels.length ? { label: this.labels[0] } : {};
  }

  get answer() {
    return this.value;
  }

  get incomplete() {
    return this.labels.length ? "" : "Please choose a category.";
  }

  markInvalid(isWrong) {
    setAttribute(this.#choices, "aria-describedby", isWrong ? "message" : null);
  }

  focus(options) {
    (this.inputs.find((input) => input.checked) ?? this.inputs[0])?.focus(options);
  }

  reset() {
    for (const input of this.inputs) input.checked = false;
    this.#comment.value = "";
  }
}

class CrowdClassifierMulti extends CrowdClassifier {
  static attributes = { ...CrowdClassifier.attributes, "exclusion-category": String };
  static type = "checkbox";

  /** The category that says that no other fits, or null. */
  get exclusion() {
    const category = this.literal("exclusion-category", null);
    return category === null ? null : String(category.text ?? category.label ?? category);
  }

  get options() {
    const { exclusion } = this;
    return exclusion === null ? super.options : [...super.options, exclusion];
  }

  chosen(input) {
    const { exclusion } = this;
    if (!input.checked || exclusion === null) return;
    for (const each of this.inputs)
      if ((each.value === exclusion) !== (input.value === exclusion)) each.checked = false;
  }

  get judgement() {
    return { labels: this.labels };
  }

  // Where the template offers no "none of these", none is said by choosing none.
  get incomplete() {
    return this.exclusion === null ? "" : super.incomplete;
  }
}

/** Show a picture, and over it what somebody marked before. */
const withPicture = (Base) =>
  class extends Base {
    static attributes = { ...Base.attributes, src: String, overlay: String };
    static styles = css`
      ${Base.styles} .mark {
        position: absolute;
        border: 2px solid #fff;
        box-shadow: 0 0 0 2px #000;
      }
      .mark span {
        background: #000;
        color: #fff;
        font-size: 0.8em;
        padding: 0 4px;
      }
      .picture img.overlay {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        opacity: 0.5;
      }
    `;
    #picture = make("div", { class: "picture" });
    #image = make("img");

    target() {
      this.#picture.append(this.#image);
      this.#image.addEventListener("load", () => this.#cover());
      return [this.#picture, ...super.target()];
    }

    arrange() {
      super.arrange();
      const src = this.getAttribute("src");
      this.#image.alt = "The picture to classify";
      if (src && this.#image.getAttribute("src") !== src) this.#image.src = src;
      this.#cover();
    }

    #cover() {
      const overlay = this.literal("overlay", {}) ?? {};
      const { naturalWidth: width, naturalHeight: height } = this.#image;
      const marks = (width ? (overlay.boundingBox?.value ?? []) : []).map((box) => {
        const mark = make("div", { class: "mark" }, make("span", {}, String(box.label)));
        mark.style.left = `${(100 * box.left) / width}%`;
        mark.style.top = `${(100 * box.top) / height}%`;
        mark.style.width = `${(100 * box.width) / width}%`;
        mark.style.height = `${(100 * box.height) / height}%`;
        return mark;
      });
      const layer = overlay.semanticSegmentation?.src;
      this.#picture.replaceChildren(
        this.#image,
        ...(layer ? [make("img", { src: layer, alt: "", class: "overlay" })] : []),
        ...marks,
      );
    }
  };

class CrowdImageClassifier extends withPicture(CrowdClassifier) {}
class CrowdImageClassifierMulti extends withPicture(CrowdClassifierMulti) {}
