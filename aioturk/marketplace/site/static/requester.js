// The requesters' pages: reviewing by keyboard without leaving the page, and choosing all of a list.
//
// Everything here can be done without it: each decision is a form, and this only sends it and stays.

"use strict";

(() => {
  // Choosing all of a list.

  for (const button of document.querySelectorAll(".choose-all")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const boxes = [...button.form.querySelectorAll("tbody input[type=checkbox]")];
      const wanted = !boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = wanted;
    });
  }

  // Reviewing.

  const list = document.querySelector(".reviews");
  const dialog = document.getElementById("keys");
  if (!dialog) return;
  const cards = list ? [...list.querySelectorAll(".review")] : [];
  const told = document.getElementById("told");
  const SETTING = "aioturk keys";

  /** The card that somebody is at; null before the first. */
  function current() {
    return document.activeElement && document.activeElement.closest(".review");
  }

  function goTo(card) {
    if (!card) return;
    card.focus();
    card.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const at = cards.indexOf(current());
    goTo(at < 0 ? cards[by > 0 ? 0 : cards.length - 1] : cards[at + by]);
  }

  /** Go to a control of the card that somebody is at, or of the first that waits. */
  function begin(selector) {
    const card = current() || cards.find((each) => each.dataset.status === "Submitted");
    const control = card && card.querySelector(selector);
    if (control) control.focus();
  }

  // Keys. They can be switched off, as others may lie on them: voice control, say.

  const switchBox = document.getElementById("keys-on");

  function remembered() {
    try {
      return localStorage.getItem(SETTING) !== "off";
    } catch {
      return true;  // the browser keeps nothing: then they are on
    }
  }

  switchBox.checked = remembered();
  switchBox.addEventListener("change", () => {
    try {
      localStorage.setItem(SETTING, switchBox.checked ? "on" : "off");
    } catch {
      // It counts for this page.
    }
  });

  const hint = document.querySelector(".keys-hint");
  hint.hidden = false;
  document.getElementById("show-keys").addEventListener("click", () => dialog.showModal());

  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    a: () => begin(".approve button"),
    r: () => begin(".reject input[name=feedback]"),
    "?": () => dialog.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) return;
    if (event.key === "Escape") {
      goTo(current());
      return;
    }
    const isTyping = event.target.matches("input:not([type=checkbox]), textarea, select");
    if (isTyping || !switchBox.checked || !Object.hasOwn(KEYS, event.key)) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  // Deciding.

  const WORDS = { Approved: ["Approved", "good"], Rejected: ["Rejected", "bad"] };

  function settle(card, status) {
    const [text, look] = WORDS[status];
    card.dataset.status = status;
    const state = card.querySelector(".state");
    state.textContent = text;
    state.className = `state ${look}`;
    card.querySelector(".decisions").remove();
    card.querySelector(".trouble").textContent = "";
  }

  /** Go to the next card, unless somebody is elsewhere by now: what they type there would be keys, and decide. */
  function goOn(card, status, wasWaiting) {
    const waiting = document.getElementById("waiting");
    if (wasWaiting) waiting.textContent = String(Math.max(Number(waiting.textContent) - 1, 0));
    told.textContent = `${status}. ${waiting.textContent} left.`;
    if (document.activeElement !== document.body && !card.contains(document.activeElement)) return;
    const after = cards.slice(cards.indexOf(card) + 1);
    goTo([...after, ...cards].find((each) => each.dataset.status === "Submitted") || card);
  }

  async function send(form, card) {
    const buttons = card.querySelectorAll("button");
    // A button that is switched off loses the focus, and keys would start again from the first card.
    if (card.contains(document.activeElement)) card.focus({ preventScroll: true });
    for (const button of buttons) button.disabled = true;
    const trouble = card.querySelector(".trouble");
    let problem = "";
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(new FormData(form)),
      });
      const said = await answer.json();
      if (answer.ok && Object.hasOwn(WORDS, said.status)) {
        const wasWaiting = card.dataset.status === "Submitted";
        settle(card, said.status);
        goOn(card, said.status, wasWaiting);
        return;
      }
      problem = String(said.message);
    } catch {
      problem = "No answer has come: whether it was done, is not known. Load the page again to see.";
    }
    trouble.textContent = problem;
    for (const button of buttons) button.disabled = false;
  }

  if (list) {
    list.addEventListener("submit", (event) => {
      const card = event.target.closest(".review");
      if (!card) return;
      event.preventDefault();
      send(event.target, card);
    });
  }
})();
