// The page around a task: its time, the height of its frame, what was typed in it, and going on when it is submitted.
//
// It stands right before the frame, which may speak as soon as it is there, and says most things once.
//
// The frame holds a stranger's page. It may tell us how high it is, that somebody is at it or about to submit, what is
// typed so far, and, once it shows our own page, that the answers have come in; whether they have is looked up before
// anybody is told so.

"use strict";

(() => {
  const frame = () => document.querySelector("iframe.task");
  const bar = document.getElementById("work");
  const HIGHEST = 20000;
  const SAYS_AT = [300, 60];  // seconds left at which screen readers are told
  const SEEN_AT = 60;  // when everybody is, as the time itself may be out of sight by then
  const KEPT_AT = [2, 5, 10];  // seconds at which moments are kept at first
  const EVERY = 15;  // seconds between them later
  const IDLE = 60;  // seconds without any input after which somebody is away
  const LONGEST = 300;  // the same for pages that do not say

  // The time that is left.

  const timer = document.getElementById("timer");
  const said = document.getElementById("said");

  /** Tell screen readers; and everybody else, wherever they have scrolled to, if it is to be seen. */
  function say(text, isSeen) {
    said.textContent = text;
    said.className = isSeen ? "notice said" : "unseen";
  }

  function inWords(seconds) {
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const shown = parts[0] ? parts : parts.slice(1);
    return shown.map((part, place) => String(part).padStart(place ? 2 : 1, "0")).join(":");
  }

  if (timer) {
    // Counted from when the page came, because the browser's own clock may be wrong; and by both of its clocks, because
    // one of them may stand still while the computer sleeps, and somebody may set the other.
    const began = [performance.now(), Date.now()];
    const given = Number(timer.dataset.seconds);
    let told = Infinity;
    const show = () => {
      const gone = Math.max(performance.now() - began[0], Date.now() - began[1]);
      const left = Math.max(Math.round(given - gone / 1000), 0);
      timer.textContent = left ? inWords(left) : "over";
      const due = SAYS_AT.findLast((moment) => left <= moment && told > moment && left > 0);
      if (due) {
        told = due;
        const minutes = Math.ceil(left / 60);
        say(minutes === 1 ? "One minute is left." : `${minutes} minutes are left.`, due === SEEN_AT);
      }
      if (!left) {
        say(
          "The time is over: what is submitted now is not taken any more. What you have entered stays here until you leave " +
            "this page, so copy what you want to keep.",
          true,
        );
        timer.classList.add("bad");
        clearInterval(ticking);
      }
    };
    const ticking = setInterval(show, 1000);
    show();
  }

  // When somebody began, and for how long they were at it.

  let first = null;
  let active = 0;
  let touched = -Infinity;
  let speaks = false;
  let sent = "";

  function begun() {
    touched = performance.now();
    if (first === null) {
      first = touched;
      keep();
    }
  }

  function isAtIt() {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return false;
    // Pages of ours say when somebody is at them; of others it can be seen only that somebody went in.
    return performance.now() - touched < (speaks ? IDLE : LONGEST) * 1000;
  }

  function keep() {
    if (!bar.dataset.moments) return;
    const moments = { active_seconds: String(Math.round(active)) };
    if (first !== null) moments.first_input_at = String(Math.round(performance.now() - first));
    const key = `${moments.active_seconds} ${first !== null}`;
    if (key === sent) return;
    sent = key;
    fetch(bar.dataset.moments, {
      method: "POST",
      headers: { "X-CSRF-Token": bar.dataset.token },
      body: new URLSearchParams(moments),
      keepalive: true,
    }).catch(() => {});  // an answer is worth more than its moments: whoever is offline goes on working
  }

  if (bar) {
    let ticks = 0;
    setInterval(() => {
      if (isAtIt()) active += 1;
      ticks += 1;
      if (ticks % EVERY === 0 || KEPT_AT.includes(ticks)) keep();
    }, 1000);
    // Going into the frame is the first that can be seen of somebody who works in a stranger's page.
    window.addEventListener("blur", () => {
      if (document.activeElement?.matches("iframe.task")) begun();
    });
    document.addEventListener("visibilitychange", keep);
  }

  // What was typed. Forms tell it, and are told it again when they come back: after a mistaken click, a reload, or
  // an attempt to submit without a connection. It is kept here, in the browser, and not where tasks could read it: at
  // their own origin each would have those of all others.

  const KEPT = bar?.dataset.draft && `aioturk draft ${bar.dataset.draft}`;
  const MOST_KEPT = 500_000;  // characters
  let isTyped = false;

  function ask(event) {
    event.preventDefault();
  }

  /** Have the browser ask before what was typed is lost, or no longer. */
  function setTyped(is) {
    isTyped = is;
    if (isTyped) window.addEventListener("beforeunload", ask);
    else window.removeEventListener("beforeunload", ask);
  }

  function keepDraft(text) {
    if (!KEPT || typeof text !== "string" || text.length > MOST_KEPT) return;
    try {
      sessionStorage.setItem(KEPT, text);
    } catch {
      // The browser keeps nothing, or not so much: leaving the page is still asked about.
    }
  }

  function tellDraft() {
    let text = null;
    try {
      text = KEPT ? sessionStorage.getItem(KEPT) : null;
    } catch {
      return;
    }
    if (text !== null) setTyped(true);
    // To nobody but the page that we have shown there. That there is none is said, too: a page waits for it.
    const { contentWindow, src } = frame();
    contentWindow.postMessage({ aioturk: "draft", value: text }, new URL(src).origin);
  }

  function forgetDraft() {
    setTyped(false);
    try {
      if (KEPT) sessionStorage.removeItem(KEPT);
    } catch {
      // Then there is none.
    }
  }

  // Who returns the HIT has been asked already, and told that it is lost.
  document.querySelector("#return form")?.addEventListener("submit", forgetDraft);

  // What comes next. The address says it, as it does for who has no scripts, so that it holds after a reload; but nothing
  // is loaded again, and nothing that was entered is lost.

  const auto = bar && document.getElementById("auto");

  function chosen(address) {
    const url = new URL(address, location.href);
    if (auto.checked) url.searchParams.set("auto_accept", "true");
    else url.searchParams.delete("auto_accept");
    return url.pathname + url.search;
  }

  auto?.addEventListener("change", () => {
    bar.dataset.onward = chosen(bar.dataset.onward);
    history.replaceState(history.state, "", chosen(location.href));
    document.querySelector("#return input[name=auto_accept]").value = auto.checked ? "true" : "";
  });

  // Going on.

  let asking = false;

  async function goOn() {
    if (asking) return;
    asking = true;
    try {
      // The frame may say what it likes; the server knows.
      const answer = await fetch(bar.dataset.onward, { headers: { Accept: "application/json" } });
      if (!(await answer.json()).submitted) return;
      forgetDraft();
      location.assign(bar.dataset.onward);
    } catch {
      location.assign(bar.dataset.onward);  // which says what is wrong
    } finally {
      asking = false;
    }
  }

  // What the frame says.

  window.addEventListener("message", (event) => {
    const data = event.data;
    const shown = frame();
    if (!data || typeof data !== "object" || !shown) return;
    if (data.aioturk === "submitted" && event.origin === location.origin) {
      if (bar && (data.assignmentId || "") === (bar.dataset.assignment || "")) goOn();
      return;
    }
    if (event.source !== shown.contentWindow) return;
    if (data.aioturk === "height" && "flexible" in shown.dataset && Number.isFinite(data.value)) {
      shown.height = String(Math.min(Math.max(Math.ceil(data.value), 200), HIGHEST));
    } else if (data.aioturk === "input" && bar) {
      speaks = true;
      begun();
    } else if (data.aioturk === "submitting" && bar) {
      keep();
    } else if (data.aioturk === "typed" && bar) {
      setTyped(true);
    } else if (data.aioturk === "draft" && bar) {
      keepDraft(data.value);
    } else if (data.aioturk === "resume" && bar) {
      tellDraft();
    }
  });
})();
