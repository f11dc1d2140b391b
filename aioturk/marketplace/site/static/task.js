// The page around a task: its time, the height of its frame, and going on when it is submitted.
//
// The frame holds a stranger's page. It may tell us three things, and is believed in none that matters: how high it is,
// that somebody has begun, and, once it shows our own page, that the answers have come in.

"use strict";

(() => {
  const frame = document.querySelector("iframe.task");
  const bar = document.getElementById("work");
  const HIGHEST = 20000;
  const SAYS_AT = [300, 60];  // seconds left at which screen readers are told
  const EVERY = 15;  // seconds between moments that are kept

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
  let sent = "";

  function begun() {
    touched = performance.now();
    if (first === null) {
      first = touched;
      keep();
    }
  }

  function isAtIt() {
    const isInFrame = document.activeElement === frame;
    return document.visibilityState === "visible" && (isInFrame || performance.now() - touched < 30000);
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
      if (ticks % EVERY === 0) keep();
    }, 1000);
    // Going into the frame is the first that can be seen of somebody who works in a stranger's page.
    window.addEventListener("blur", () => {
      if (document.activeElement === frame) begun();
    });
    document.addEventListener("visibilitychange", keep);
  }

  // What the frame says.

  window.addEventListener("message", (event) => {
    const data = event.data;
    if (!data || typeof data !== "object" || !frame) return;
    if (data.aioturk === "submitted" && event.origin === location.origin) {
      if (bar) location.assign(bar.dataset.onward);
      return;
    }
    if (event.source !== frame.contentWindow) return;
    if (data.aioturk === "height" && "flexible" in frame.dataset && Number.isFinite(data.value)) {
      frame.height = String(Math.min(Math.max(Math.ceil(data.value), 200), HIGHEST));
    } else if (data.aioturk === "input" && bar) {
      begun();
    }
  });
})();
