// <crowd-form>: gathers what its fields hold, checks it, and sends it to where the task was told to send it.

const NATIVE = "input, select, textarea";
const WITHOUT_ANSWER = ["button", "submit", "reset", "image"];

/** Put a value under a name; what has the same name is put together, never lost. */
function addAnswer(answers, name, value) {
  const before = answers[name];
  const isObject = (each) => typeof each === "object" && each !== null && !Array.isArray(each);
  if (before === undefined) answers[name] = value;
  else if (isObject(before) && isObject(value)) Object.assign(before, value);
  else answers[name] = [before, value].flat();
}

/** An object with one member of any name. */
function single(name, value) {
  const object = Object.create(null); // so that a member called __proto__ is one like all others
  object[name] = value;
  return object;
}

/** The answer of a field that is the browser's own, or undefined. */
function nativeAnswer(field) {
  if (field.type === "checkbox" || field.type === "radio") return single(field.value, field.checked);
  if (field.type === "file") return [...field.files].map((file) => file.name).join(", ") || undefined;
  if (field.type === "select-multiple") return [...field.selectedOptions].map((option) => option.value);
  return field.value || undefined; // what was left empty is no answer
}

/** Names and texts of one answer, where objects are taken apart: {a: {b: true}} is a.b=true. */
function* flatten(value, path) {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [name, inner] of Object.entries(value)) yield* flatten(inner, path ? `${path}.${name}` : name);
  } else yield [path, typeof value === "string" ? value : JSON.stringify(value)];
}

/** Make sure that a person can see an element: open the tab or dialog that it is in. */
function reveal(element) {
  for (let each = element.parentElement; each; each = each.parentElement) each.reveal?.(element);
}

class CrowdForm extends CrowdElement {
  static attributes = { "answer-format": String };
  static delegatesFocus = false;
  #notice = make("div", { class: "note", hidden: true, tabIndex: -1 });
  #announced = make("div", { role: "alert" });
  #sent = false;

  build(root) {
    this.#notice.append(this.#announced);
    root.append(make("slot"), this.#notice);
    this.addEventListener("click", (event) => this.#act(event));
    // Whoever comes back to the page, as after an error of the site, can send again.
    window.addEventListener("pageshow", (event) => event.persisted && this.#wakeUp());
    whenParsed(() => {
      if (!this.querySelector('crowd-button[form-action="submit"]')) {
        this.append(make("crowd-button", { "form-action": "submit", variant: "primary" }, "Submit"));
      }
      const { refusal } = this.#destination();
      if (refusal) this.#say(refusal);
    });
  }

  /** The elements that answer, in the page's order. */
  get elements() {
    return [...this.querySelectorAll("*")].filter(
      (each) => each instanceof CrowdField || (each.matches(NATIVE) && !WITHOUT_ANSWER.includes(each.type)),
    );
  }

  /** The answers of all fields that have a name, as they would be sent now. */
  get value() {
    const answers = Object.create(null);
    for (const field of this.elements) {
      const name = field instanceof CrowdRadio ? field.groupName : field.getAttribute("name");
      if (!name || (field instanceof CrowdField ? field.isDisabled : field.matches(":disabled"))) continue;
      const answer = field instanceof CrowdField ? field.answer : nativeAnswer(field);
      if (answer !== undefined) addAnswer(answers, name, answer);
    }
    return answers;
  }

  checkValidity() {
    return this.elements.every((field) => field.checkValidity());
  }

  /** Show what is wrong, and lead to the first of it. */
  reportValidity() {
    defineMissing();
    const wrong = this.elements.filter(
      (field) => !(field instanceof CrowdField ? field.reportValidity() : field.checkValidity()),
    );
    if (wrong.length === 0) return true;
    this.#say(
      wrong.length === 1
        ? "Nothing was sent: one answer needs another look."
        : `Nothing was sent: ${wrong.length} answers need another look.`,
    );
    reveal(wrong[0]);
    if (wrong[0] instanceof CrowdField) {
      wrong[0].scrollIntoView({ block: "center" });
      wrong[0].focus({ preventScroll: true });
    } else wrong[0].reportValidity();
    return false;
  }

  /**
   * Check the answers, let the page's `submit` handlers look at them, and send them. Nothing happens when an answer is
   * missing, a handler prevents it, or the task is only a preview.
   */
  submit() {
    if (this.#sent) return;
    const { refusal, assignmentId, address } = this.#destination();
    if (refusal) {
      this.#say(refusal);
      this.#notice.focus();
      return;
    }
    if (!this.reportValidity()) return;
    this.#say("");
    if (!this.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }))) return;
    this.#send(address, assignmentId);
  }

  /** The same as submit(): a page may know either name. */
  requestSubmit() {
    this.submit();
  }

  /** Forget all answers, unless a `reset` handler of the page prevents it. */
  reset() {
    if (!this.dispatchEvent(new Event("reset", { bubbles: true, cancelable: true }))) return;
    for (const field of this.elements) {
      if (field instanceof CrowdField) {
        field.reset();
        field.settle();
      } else if (field.type === "checkbox" || field.type === "radio") field.checked = field.defaultChecked;
      else if (field.localName === "select") {
        const chosen = [...field.options].map((option) => option.defaultSelected);
        field.selectedIndex = field.multiple ? -1 : 0;
        [...field.options].forEach((option, at) => {
          if (chosen[at]) option.selected = true;
        });
      } else field.value = field.type === "file" ? "" : field.defaultValue;
    }
    this.#say("");
  }

  #act(event) {
    if (event.defaultPrevented) return;
    const button = event.target.closest?.("crowd-button");
    if (button && !button.isDisabled) {
      if (button.formAction === "submit") this.submit();
      else if (button.formAction === "reset") this.reset();
      return;
    }
    // A <button> without a type is not taken for one that submits: in templates those turn pages, and work that was
    // sent too early cannot be called back.
    const native = event.target.closest?.("button[type=submit], input[type=submit], input[type=image]");
    if (native && !native.disabled && !native.form) this.submit();
  }

  #destination() {
    const told = new URLSearchParams(location.search);
    const assignmentId = told.get("assignmentId");
    if (!assignmentId || assignmentId === PREVIEW) {
      return { refusal: "This is a preview. Accept the task before you send answers." };
    }
    const target = told.get("turkSubmitTo");
    const url = target && URL.canParse(target) ? new URL(target) : null;
    if (!url || !["http:", "https:"].includes(url.protocol)) {
      return { refusal: "This page was not told where to send answers (turkSubmitTo), so they cannot be sent." };
    }
    return { assignmentId, address: `${url.origin}${url.pathname.replace(/\/+$/, "")}/mturk/externalSubmit` };
  }

  #send(address, assignmentId) {
    this.#sent = true;
    const answers = this.value;
    const fields = this.getAttribute("answer-format") === "flatten-objects" ? [...flatten(answers, "")] : [];
    if (fields.length === 0) fields.push(["taskAnswers", JSON.stringify([answers])]);
    const form = make("form", { method: "post", action: address, hidden: true });
    for (const [name, value] of [["assignmentId", assignmentId], ...fields]) {
      form.append(make("textarea", { name, value })); // an input would lose line breaks
    }
    document.body.append(form);
    this.#say("Sending your answers …");
    HTMLFormElement.prototype.submit.call(form); // a field may be called "submit"
  }

  #wakeUp() {
    this.#sent = false;
    this.#say("");
  }

  #say(text) {
    this.#announced.textContent = text;
    this.#notice.hidden = text === "";
  }
}

/** What stands in for elements that are not available here: a notice, and a form that cannot be sent without it. */
class CrowdMissing extends CrowdField {
  static delegatesFocus = false;

  build(root) {
    const text =
      `This task uses <${this.localName}>, which is not available here. You cannot complete it: please return ` +
      "the task.";
    root.append(make("div", { class: "message", role: "alert", tabIndex: -1 }, text), make("slot"));
  }

  get complaint() {
    return `There is no <${this.localName}> here.`;
  }

  focus(options) {
    this.shadowRoot.firstElementChild.focus(options);
  }
}

/** Give every crowd element that nobody defined its notice. */
function defineMissing() {
  for (const each of document.querySelectorAll(":not(:defined)")) {
    // A name may come more than once.
    if (each.localName.startsWith("crowd-") && !customElements.get(each.localName)) {
      console.error(`<${each.localName}> is not available here`);
      define(each.localName, class extends CrowdMissing {});
    }
  }
}
