// Keeps what somebody enters in a page that its requester wrote, so that it is there again when the page comes back: after
// a mistaken click, a reload, or an attempt to submit without a connection. The page around keeps it (task.js), and gives
// it to nobody but the frame of the same assignment.
//
// This script is there before any field, so that it hears of what is entered while the page still comes in. The page has
// scripts of its own, which are not to be disturbed:
// - Only plain fields count, of the form that is submitted to the site; and of them what a person enters, not what
//   scripts do. Neither passwords nor files nor hidden fields, and nothing with autocomplete="off", on it or on its form.
// - It is put back when the page has loaded and its scripts have had their turn, and only where a field looks as it did
//   before anybody touched it: what the page has filled in by itself stays.
// - It is put back as a person would enter it, one field after the other, with the events of that, so that what the page
//   shows, reckons or hides follows. Without them, what stands in a field would not be what the page sends.
// - Some pages submit themselves when something is chosen. None does before the person does something again.

"use strict";

(() => {
  if (window.parent === window) return;

  const TEXTS = [
    "text", "search", "email", "tel", "url", "number", "range", "color", "date", "datetime-local", "month", "week", "time",
  ];
  const SWITCHES = ["checkbox", "radio"];
  const NOT_KEPT = /(^|\s)(off|current-password|new-password|one-time-code|cc-\S+)(\s|$)/i;
  const GUARDED_FOR = 5000;  // milliseconds; a page that submits itself at the end of its time is to do so

  // Fields may be called "elements" or "submit", and hide what the browser calls so.
  const elementsOf = Object.getOwnPropertyDescriptor(HTMLFormElement.prototype, "elements").get;
  const { submit } = HTMLFormElement.prototype;

  // Which fields.

  function isSubmittedHere(form) {
    try {
      return /\/mturk\/externalSubmit\/?$/.test(new URL(form.getAttribute("action"), document.baseURI).pathname);
    } catch {
      return false;
    }
  }

  /** Whether the page does not want it to be kept, in the words in which it says so to browsers. */
  function isOptedOut(element) {
    return NOT_KEPT.test(element.getAttribute("autocomplete") ?? "");
  }

  const secret = new WeakSet();  // fields for passwords that may be shown as texts for a while

  function isKept(field) {
    if (field.localName === "input" && field.type === "password") secret.add(field);
    const isPlain =
      field.localName === "textarea" ||
      field.localName === "select" ||
      (field.localName === "input" && (TEXTS.includes(field.type) || SWITCHES.includes(field.type)));
    const isOpen = isPlain && field.name && !field.readOnly && !field.matches(":disabled");
    return isOpen && !isOptedOut(field) && !secret.has(field);
  }

  /** The fields by names that they have in the page's next life, too; radio buttons of one name are one. */
  function named() {
    const found = new Map();
    const seen = new Map();
    for (const form of document.querySelectorAll("form")) {
      if (!isSubmittedHere(form) || isOptedOut(form)) continue;
      for (const field of elementsOf.call(form)) {
        if (!isKept(field)) continue;
        const kind = field.localName === "input" ? field.type : field.localName;
        const what = JSON.stringify([kind, field.name, kind === "checkbox" ? field.value : ""]);
        const count = kind === "radio" ? 0 : (seen.get(what) ?? 0);
        seen.set(what, count + 1);
        const name = `${what} ${count}`;
        found.set(name, [...(found.get(name) ?? []), field]);
      }
    }
    return found;
  }

  // What stands in them.

  function state(fields) {
    const [field] = fields;
    if (field.type === "radio") return fields.find((each) => each.checked)?.value ?? null;
    if (field.type === "checkbox") return field.checked;
    if (field.localName === "select") return [...field.selectedOptions].map((option) => option.value);
    return field.value;
  }

  function isSame(one, other) {
    return JSON.stringify(one) === JSON.stringify(other);
  }

  /** Whether something can be entered: what is chosen has to be there to be chosen. */
  function isThere(fields, wanted) {
    const [field] = fields;
    if (field.type === "radio") return fields.some((each) => each.value === wanted);
    if (field.localName !== "select") return true;
    const values = [...field.options].map((option) => option.value);
    return wanted.every((value) => values.includes(value));
  }

  /** Enter something as a person would. */
  function enter(fields, wanted) {
    const [field] = fields;
    if (field.type === "radio") fields.find((each) => each.value === wanted).click();
    else if (field.type === "checkbox") field.click();
    else if (field.localName === "select") {
      for (const option of field.options) option.selected = wanted.includes(option.value);
      tellPage(field);
    } else {
      // Not by the field's own property, in which some libraries look whether anything has changed.
      const kind = field.localName === "textarea" ? HTMLTextAreaElement : HTMLInputElement;
      Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, wanted);
      tellPage(field);
    }
  }

  function tellPage(field) {
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  // Keeping it.

  let entered = new Map();  // for each name what was entered, and what may have stood there before; the last that was changed last
  const touched = new Set();  // names of what was entered since the page came
  const changed = new Set();  // fields in which something was entered that is still to be noted
  const untouched = new Map();  // what stood in fields at first, and just before somebody began to enter something
  let isAnswered = false;
  let isLoaded = false;

  function ask() {
    window.parent.postMessage({ aioturk: "resume" }, "*");
  }

  function keep() {
    if (!isAnswered) return ask();  // what was kept before must not be lost
    const draft = [...entered].map(([name, { now, before }]) => [name, now, before]);
    window.parent.postMessage({ aioturk: "draft", value: JSON.stringify(draft) }, "*");
  }

  /** Remember what stands in a field that nobody has touched. */
  function see(name, fields) {
    if (touched.has(name)) return;
    const [first] = untouched.get(name) ?? [];
    const now = state(fields);
    untouched.set(name, first === undefined || isSame(first, now) ? [now] : [first, now]);
  }

  function look(event) {
    const field = event.target;
    if (!(field instanceof HTMLElement) || !("form" in field)) return;
    for (const [name, fields] of named()) {
      if (fields.includes(field)) see(name, fields);
    }
  }

  function note(event) {
    const field = event.target;
    if (!event.isTrusted || !(field instanceof HTMLElement) || !("form" in field)) return;
    // Browsers say of a change by a click that it is a person's, even if a script has clicked.
    if ((event.type === "click") !== SWITCHES.includes(field.type)) return;
    changed.delete(field);
    changed.add(field);
    setTimeout(noteChanged);  // once the page's own scripts have had their say about it
  }

  function noteChanged() {
    for (const field of changed) {
      for (const [name, fields] of named()) {
        if (!fields.includes(field)) continue;
        const before = entered.has(name) ? entered.get(name).before : (untouched.get(name) ?? []);
        entered.delete(name);
        entered.set(name, { now: state(fields), before });
        touched.add(name);
        keep();
      }
    }
    changed.clear();
  }

  function forget(event) {
    const form = event.target;
    setTimeout(() => {
      for (const [name, fields] of named()) {
        if (fields[0].form === form && touched.delete(name)) entered.delete(name);
      }
      keep();
    });
  }

  // Putting it back.

  let isGuarded = false;

  function resume() {
    for (const [name, fields] of named()) see(name, fields);
    const before = [...entered].filter(([name]) => !touched.has(name));
    const isAsBefore = new Map();
    // Twice, as fields may only be there, or have their choices, once others are filled in.
    for (let pass = 0; pass < 2; pass += 1) {
      const there = named();
      for (const [name, each] of before) {
        if (isAsBefore.has(name) || !there.has(name) || !isThere(there.get(name), each.now)) continue;
        const now = state(there.get(name));
        isAsBefore.set(name, each.before.some((one) => isSame(one, now)));
      }
      for (const [name, { now }] of before) {
        if (!isAsBefore.get(name) || !there.has(name) || !isThere(there.get(name), now)) continue;
        if (isSame(state(there.get(name)), now)) continue;
        if (!isGuarded) guard();
        enter(there.get(name), now);
        touched.add(name);
      }
    }
  }

  function guard() {
    isGuarded = true;
    setTimeout(() => (isGuarded = false), GUARDED_FOR);
  }

  /** Leave a page alone from now on that submits itself by what was put back: nobody could change it any more. */
  function stop() {
    entered = new Map();
    keep();
  }

  HTMLFormElement.prototype.submit = function () {
    if (isGuarded) return stop();
    noteChanged();  // later the page may be gone
    submit.call(this);
  };
  window.addEventListener(
    "submit",
    (event) => {
      if (!isGuarded) return noteChanged();
      event.preventDefault();
      event.stopImmediatePropagation();
      stop();
    },
    { capture: true },
  );
  for (const kind of ["pointerdown", "touchstart", "keydown", "click"]) {
    window.addEventListener(kind, (event) => event.isTrusted && (isGuarded = false), { capture: true, passive: true });
  }

  /** Read what was kept; nothing, if it is something else. */
  function read(text) {
    try {
      const told = JSON.parse(text ?? "[]").filter(([, , before]) => Array.isArray(before));
      return told.map(([name, now, before]) => [name, { now, before }]);
    } catch {
      return [];
    }
  }

  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.data?.aioturk !== "draft" || isAnswered) return;
    isAnswered = true;
    entered = new Map([...read(event.data.value).filter(([name]) => !touched.has(name)), ...entered]);
    if (touched.size) keep();
    if (isLoaded) resume();
  });
  for (const kind of ["focusin", "pointerdown"]) window.addEventListener(kind, look, { capture: true });
  for (const kind of ["input", "change", "click"]) window.addEventListener(kind, note, { capture: true });
  window.addEventListener("reset", forget, { capture: true });

  function loaded() {
    // After what the page itself does then.
    setTimeout(() => {
      isLoaded = true;
      if (isAnswered) resume();
      else ask();
    });
  }

  ask();
  if (document.readyState === "complete") loaded();
  else window.addEventListener("load", loaded);
})();
