// Keeps what is typed in a form of ours, a question form or a <crowd-form>, so that it is there again when the page comes
// back: after a mistaken click, a reload, or an attempt to submit without a connection.
//
// The page around keeps it (task.js), and gives it to nobody but the frame of the same assignment. Other pages have
// fields and scripts of their own: for them there is page-drafts.js.
//
// This script is there before any field, so that it hears of what is entered while the page still comes in: that stays,
// whatever was kept.

"use strict";

(() => {
  if (window.parent === window) return;

  const tell = (message) => window.parent.postMessage(message, "*");
  const NOT_KEPT = ["hidden", "file", "password", "submit", "button", "reset", "image"];
  const WITHOUT_STATE = ["button", "fieldset", "output", "object", "crowd-radio-group"];

  /** The fields of the form, ours and the browser's own, in the page's order; none if there is no form. */
  function fields() {
    const form = document.querySelector("form#question-form, crowd-form");
    const all = [...(form?.elements ?? [])];
    return all.filter((field) => !NOT_KEPT.includes(field.type) && !WITHOUT_STATE.includes(field.localName));
  }

  /** A name for each field that it has in the page's next life, too. */
  function named() {
    const seen = new Map();
    return fields().map((field) => {
      const what = [field.localName, field.getAttribute("name") ?? "", field.getAttribute("type") ?? ""].join(" ");
      const count = seen.get(what) ?? 0;
      seen.set(what, count + 1);
      return [`${what} ${count}`, field];
    });
  }

  /** Whether a field is switched on and off, and does not change its value. */
  function isSwitch(field) {
    return field.localName === "input" ? ["checkbox", "radio"].includes(field.type) : "checked" in field;
  }

  function state(field) {
    if (isSwitch(field)) return field.checked;
    if (field.localName === "select") return [...field.options].map((option) => option.selected);
    return field.value;
  }

  function restore(field, state) {
    if (isSwitch(field)) field.checked = state;
    else if (field.localName === "select") {
      [...field.options].forEach((option, at) => (option.selected = Boolean(state[at])));
    } else field.value = state;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  /** What a field is one of: among radio buttons a choice takes the others away. */
  function unit(field) {
    if (field.localName === "input" && field.type === "radio") return `radio ${field.name}`;
    return field.closest?.("crowd-radio-group") ?? field;
  }

  const touched = new Set();  // units that were changed before what was kept came back
  let isBegun = false;
  let isAnswered = false;

  function ask() {
    tell({ aioturk: "resume" });
  }

  function note(event) {
    // Until the page has been seen to, its own scripts may fill it in.
    if (!isAnswered && (isBegun || event.isTrusted)) touched.add(unit(event.target));
    if (isBegun) keep();
  }

  function keep() {
    if (!isAnswered) return ask();  // what was kept before must not be lost
    const states = named().map(([name, field]) => [name, state(field)]);
    tell({ aioturk: "draft", value: JSON.stringify(states.filter(([, each]) => each !== undefined)) });
  }

  function resume(text) {
    if (isAnswered) return;
    isAnswered = true;
    const states = new Map(JSON.parse(text));
    const differ = (field, before) => JSON.stringify(state(field)) !== JSON.stringify(before);
    for (const [name, field] of named()) {
      if (touched.has(unit(field))) continue;
      if (states.has(name) && differ(field, states.get(name))) restore(field, states.get(name));
    }
    if (touched.size) keep();
  }

  function begin() {
    if (isBegun || fields().length === 0) return;
    isBegun = true;
    window.addEventListener("message", (event) => {
      if (event.source === window.parent && event.data?.aioturk === "draft") resume(event.data.value);
    });
    window.addEventListener("reset", () => setTimeout(keep));
    ask();
  }

  for (const kind of ["input", "change"]) window.addEventListener(kind, note);
  document.addEventListener("DOMContentLoaded", () => document.querySelector("form#question-form") && begin());
  // A crowd form is one once its elements are, and the page has seen to them.
  document.addEventListener("all-crowd-elements-ready", () => setTimeout(begin));
})();
