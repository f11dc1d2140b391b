/**
 * Checks the answers to a question form, beside their questions.
 *
 * The page works without it. What a question demands stands in its `data-` attributes
 * (aioturk/marketplace/site/form_fields.py). What the page around has to know is told by frame.js, as from every page
 * of a task.
 */
"use strict";

(() => {
  const page = document.getElementById("question-form");
  const summary = document.getElementById("summary");

  // What is wrong with texts.

  /**
   * Compile a pattern of a form.
   *
   * @param {[string, string, string]} pattern The pattern, its flags, and what to say of a text that does not match.
   * @returns {[RegExp, string] | null} Nothing for one that is none in JavaScript: it must not stop anybody.
   */
  function compiled([regex, flags, error]) {
    try {
      return [new RegExp(regex, flags), error];
    } catch (failure) {
      console.warn(`A pattern of this form is not checked, because it is none in JavaScript: ${failure.message}`);
      return null;
    }
  }

  /**
   * @param {HTMLInputElement | HTMLTextAreaElement} field A field to write into.
   * @returns {(text: string) => string[]} Says what is wrong with a text that is not blank.
   */
  function rulesOf(field) {
    const rules = JSON.parse(field.dataset.rules || "{}");
    const patterns = (rules.patterns || []).map(compiled).filter((each) => each !== null);
    return (text) => [
      ...(rules.number ? faultsOfNumber(text.trim(), ...rules.number) : []),
      ...(rules.length ? faultsOfLength(text.length, ...rules.length) : []),
      ...patterns.filter(([pattern]) => !pattern.test(text)).map(([, error]) => error),
    ];
  }

  function faultsOfNumber(text, least, most) {
    // Numbers may have more digits than JavaScript's own kind of number can tell apart.
    const number = /^[+-]?[0-9]+$/.test(text) ? BigInt(text) : null;
    if (number === null || (least !== null && number < least) || (most !== null && number > most)) {
      return [`Write a whole number${range(least, most, " of")}.`];
    }
    return [];
  }

  function faultsOfLength(length, least, most) {
    if ((least !== null && length < least) || (most !== null && length > most)) {
      return [`Write${range(least || null, most)} characters; there are ${length}.`];
    }
    return [];
  }

  /** Write bounds, either of which may be missing. */
  function range(least, most, of = "") {
    if (least !== null && most !== null) {
      return least === most ? `${of} exactly ${least}` : ` from ${least} to ${most}`;
    }
    return least !== null ? `${of} at least ${least}` : most !== null ? `${of} at most ${most}` : "";
  }

  // Questions.

  class Question {
    /** @param {HTMLElement} element The element that holds all of the question. */
    constructor(element) {
      this.kind = element.dataset.kind;
      this.required = "required" in element.dataset;
      this.least = Number(element.dataset.least);
      this.most = Number(element.dataset.most);
      this.element = element;
      const name = element.dataset.question;
      this.error = document.getElementById(`${name}.error`);
      this.field = document.getElementById(name);
      this.choices = [...element.querySelectorAll("input")].filter((each) => each.name === name);
      this.options = this.kind === "list" ? [...this.field.options] : [];
      this.otherPart = element.querySelector("[data-other]");
      this.other = document.getElementById(`${name}.other`);
      this.otherError = document.getElementById(`${name}.other.error`);
      const text = this.kind === "text" ? this.field : this.other;
      this.rules = text && rulesOf(text);
      text?.removeAttribute("maxlength"); // the browser would cut what is pasted, without a word
      this.checked = false;
      this.wrong = null; // where to put it right
      element.addEventListener("input", () => this.changed());
      element.addEventListener("change", () => this.changed());
      this.offerToClear();
      this.changed();
    }

    /** What is chosen, by its values. */
    chosen() {
      const all = this.kind === "list" ? this.options : this.choices;
      return all.filter((each) => (each.checked || each.selected) && each.value !== "").map((each) => each.value);
    }

    changed() {
      if (this.otherPart) {
        const isOther = this.chosen().includes("other");
        this.otherPart.hidden = !isOther;
        this.other.disabled = !isOther; // so that a text that nobody sees is not sent
      }
      if (this.clearing) {
        this.clearing.hidden = this.chosen().length === 0;
      }
      if (this.checked) {
        this.check();
      }
    }

    /** Let people take back what they chose where a browser does not: one of several buttons stays pressed. */
    offerToClear() {
      const isOpenList = this.kind === "list" && !this.field.multiple && this.field.size > 1;
      if (this.required || !(this.kind === "radio" || isOpenList)) {
        return;
      }
      this.clearing = document.createElement("button");
      this.clearing.type = "button";
      this.clearing.className = "plain";
      this.clearing.textContent = "Clear choice";
      this.clearing.addEventListener("click", () => {
        for (const each of this.choices) {
          each.checked = false;
        }
        for (const each of this.options) {
          each.selected = false;
        }
        this.element.dispatchEvent(new Event("change", { bubbles: true }));
        (this.field || this.choices[0]).focus();
      });
      this.element.insertBefore(this.clearing, this.otherPart || this.error);
    }

    /** What is wrong with the answer. */
    faults() {
      if (this.kind === "text") {
        return this.faultsOfText(this.field.value, "Answer this question.");
      }
      const count = this.chosen().length;
      if (count === 0) {
        return this.required ? [this.most === 1 ? "Choose one." : `Choose${this.bounds()}.`] : [];
      }
      if (count < this.least || count > this.most) {
        return [`Choose${this.bounds()}; ${count} ${count === 1 ? "is" : "are"} chosen.`];
      }
      return [];
    }

    bounds() {
      if (this.least === this.most) {
        return ` exactly ${this.least}`;
      }
      return this.least > 1 || this.required ? ` from ${this.least} to ${this.most}` : ` at most ${this.most}`;
    }

    /** What is wrong with the text beside "other". */
    faultsOfOther() {
      if (!this.other || this.other.disabled) {
        return [];
      }
      return this.other.value.trim() ? this.rules(this.other.value) : ["Write your answer, or choose another."];
    }

    faultsOfText(text, demand) {
      if (text.trim() === "") {
        return this.required ? [demand] : [];
      }
      return this.rules(text);
    }

    /** Say what is wrong, beside the question, from now on after each change. */
    check() {
      this.checked = true;
      const faults = this.faults();
      const group = this.kind === "radio" || this.kind === "checkbox";
      mark(group ? this.element : this.field, this.error, faults, this.kind === "checkbox" ? this.choices : []);
      const faultsOfOther = this.faultsOfOther();
      if (this.other) {
        mark(this.other, this.otherError, faultsOfOther);
      }
      this.wrong = faults.length ? this.field || this.choices[0] : faultsOfOther.length ? this.other : null;
    }
  }

  /**
   * Show errors, or that there is none.
   *
   * @param {HTMLElement} field What is wrong.
   * @param {HTMLElement} error Where to say so.
   * @param {string[]} faults What to say.
   * @param {HTMLElement[]} parts What is wrong instead, where the whole cannot be called so: a group of boxes.
   */
  function mark(field, error, faults, parts = []) {
    error.textContent = faults.join("\n");
    error.hidden = faults.length === 0;
    for (const each of parts.length ? parts : [field]) {
      if (faults.length) {
        each.setAttribute("aria-invalid", "true");
      } else {
        each.removeAttribute("aria-invalid");
      }
    }
    const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== error.id);
    const described = faults.length ? [error.id, ...others] : others;
    if (described.length) {
      field.setAttribute("aria-describedby", described.join(" "));
    } else {
      field.removeAttribute("aria-describedby");
    }
  }

  const questions = [...page.querySelectorAll("[data-question]")].map((each) => new Question(each));

  // Sending.

  let sent = false;

  /** Say below the questions how many of them are to be looked at again. */
  function summarise() {
    const count = questions.filter((each) => each.wrong).length;
    const answers = count === 1 ? "1 answer is" : `${count} answers are`;
    const text = count ? `Nothing was sent yet: ${answers} not complete. What is missing stands beside each question.` : "";
    if (summary && summary.textContent !== text) {
      summary.textContent = text; // only news is read aloud
    }
  }

  page.addEventListener("input", summarise);
  page.addEventListener("change", summarise);

  page.addEventListener("submit", (event) => {
    for (const each of questions) {
      each.check();
    }
    summarise();
    const first = questions.find((each) => each.wrong);
    if (first || sent) {
      event.preventDefault();
    } else {
      sent = true;
    }
    if (first) {
      first.wrong.focus();
    }
  });

  if (page instanceof HTMLFormElement) {
    page.noValidate = true; // the browser would stop at the first error, and say it in words of its own
  }

  // A page that comes back, with or without what was entered, from the browser's history.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) sent = false; // at first it may come after the form was sent
    for (const each of questions) {
      each.changed();
    }
  });
})();
