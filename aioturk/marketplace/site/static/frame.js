// Goes with every page of a task that is served here: tells the site how high the page is, and that somebody has begun.

"use strict";

(() => {
  if (window.parent === window) return;
  // Anybody may know how high a page is.
  const tell = (message) => window.parent.postMessage(message, "*");
  let last = 0;

  function measure() {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height && Math.abs(height - last) > 1) {
      last = height;
      tell({ aioturk: "height", value: height + 4 });
    }
  }

  function begun() {
    tell({ aioturk: "input" });
  }

  for (const kind of ["input", "change", "keydown", "pointerdown"]) {
    window.addEventListener(kind, begun, { capture: true, passive: true });
  }
  window.addEventListener("load", measure);
  new ResizeObserver(measure).observe(document.documentElement);
  measure();
})();
