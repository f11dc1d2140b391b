// The page around a task: its time, the height of its frame, and going on when it is submitted.
//
// The frame holds a stranger's page. It may tell us how high it is, that somebody is at it or about to submit, and, once it
// shows our own page, that the answers have come in; whether they have is looked up before anybody is told so.

"use strict";

(() => {
  const frame = document.querySelector("iframe.task");
  const bar = document.getElementById("work");
  const HIGHEST = 20000;
  const SAYS_AT = [300, 60];  // seconds left at which screen readers are told
  const KEPT_AT = [2, 5, 10];  // seconds at which moments are kept at first
  const EVERY = 15;  // seconds between them later
  const IDLE = 60;  // seconds without any input after which somebody is away
  const LONGEST = 300;  // the same for pages that do not say

  // The time that is left.

  const timer = document.getElementById("timer");
  const said = document.getElementById("said");

  function inWords(seconds) {
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const shown = parts[0] ? parts : parts.slice(1);
    return shown.map((part, place) => String(part).padStart(place ? 2 : 1, "0")).join(":");
  }

  if (timer) {
    // Counted from when the page came, because the browser's own clock may be wrong.
    const end = performance.now() + Number(timer.dataset.seconds) * 1000;
    let told = Infinity;
    const show = () => {
      const left = Math.max(Math.round((end - performance.now()) / 1000), 0);
      timer.textContent = left ? inWords(left) : "over";
      const due = SAYS_AT.find((moment) => left <= moment && told > moment && left > 0);
      if (due) {
        told = due;
        said.textContent = `${Math.ceil(left / 60)} minutes are left for this HIT.`;
      }
      if (!left) {
        said.textContent = "The time for this HIT is over.";
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
      if (document.activeElement === frame) begun();
    });
    document.addEventListener("visibilitychange", keep);
  }

  // Going on.

  let asking = false;

  async function goOn() {
    if (asking) return;
    asking = true;
    try {
      // The frame may say what it likes; the server knows.
      const answer = await fetch(bar.dataset.onward, { headers: { Accept: "application/json" } });
      if ((await answer.json()).submitted) location.assign(bar.dataset.onward);
    } catch {
      location.assign(bar.dataset.onward);  // which says what is wrong
    } finally {
      asking = false;
    }
  }

  // What the frame says.

  window.addEventListener("message", (event) => {
    const data = event.data;
    if (!data || typeof data !== "object" || !frame) return;
    if (data.aioturk === "submitted" && event.origin === location.origin) {
      if (bar && (data.assignmentId || "") === (bar.dataset.assignment || "")) goOn();
      return;
    }
    if (event.source !== frame.contentWindow) return;
    if (data.aioturk === "height" && "flexible" in frame.dataset && Number.isFinite(data.value)) {
      frame.height = String(Math.min(Math.max(Math.ceil(data.value), 200), HIGHEST));
    } else if (data.aioturk === "input" && bar) {
      speaks = true;
      begun();
    } else if (data.aioturk === "submitting" && bar) {
      keep();
    }
  });
})();
