// Comes first in every page of a task that is served here. It sees to it that answers arrive, however the page puts the
// address together, and tells the site how high the page is and that somebody is at it. A page of our own, which is as
// high as what is in it, whatever its frame (data-own), gets a frame that fits.

"use strict";

(() => {
  const { site, own } = document.currentScript.dataset;
  const AMAZON = /^(www|worker|workersandbox|requester|requestersandbox)\.mturk\.com$/i;

  // Where answers go.

  function led(address) {
    try {
      const url = new URL(address, document.baseURI);
      return site && AMAZON.test(url.hostname) ? site + url.pathname + url.search : null;
    } catch {
      return null;
    }
  }

  function mend(form, button) {
    for (const [element, name] of [[form, "action"], [button, "formaction"]]) {
      const address = element?.getAttribute?.(name) && led(element.getAttribute(name));
      if (address) element.setAttribute(name, address);
    }
    // The page around it is not the form's to replace, and the browser would do nothing at all. Without a target, the
    // page's <base> would say where the answer is shown.
    const target = form.getAttribute("target") ?? document.querySelector("base[target]")?.target ?? "";
    if (/^_(top|parent|blank)$/i.test(target)) form.setAttribute("target", "_self");
  }

  // Before the page's own listeners, and after them, as they may be what sets the address.
  for (const capture of [true, false]) {
    window.addEventListener("submit", (event) => mend(event.target, event.submitter), { capture });
  }
  const { submit } = HTMLFormElement.prototype;
  HTMLFormElement.prototype.submit = function () {
    tell({ aioturk: "submitting" });
    mend(this, null);
    return submit.call(this);
  };
  const { fetch, navigator } = window;
  window.fetch = function (resource, options) {
    const address = typeof resource === "string" || resource instanceof URL ? led(String(resource)) : null;
    return fetch.call(this, address || resource, options);
  };
  const { open } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, address, ...more) {
    return open.call(this, method, led(String(address)) || address, ...more);
  };
  const beacon = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (address, data) => beacon(led(String(address)) || address, data);

  // What the site is told. Anybody may know it.

  const framed = window.parent !== window;
  const tell = (message) => framed && window.parent.postMessage(message, "*");
  const EVERY = 5000;  // milliseconds between two words about the same
  let isTyped = false;
  let told = -Infinity;
  let over = 0;
  let needed = 0;

  function measure() {
    if (own !== undefined) {
      tellHeight(Math.ceil(document.documentElement.getBoundingClientRect().height));
      return;
    }
    const need = Math.max(document.documentElement.scrollHeight, document.body?.scrollHeight ?? 0);
    const before = over;
    over = need - window.innerHeight;
    // A page that is as high as its frame, and a little more, would make it grow for ever.
    if (over <= 0 || (over === before && need > needed && needed)) return;
    tellHeight(need);
  }

  function tellHeight(need) {
    if (need === needed) return;
    needed = need;
    tell({ aioturk: "height", value: need });
  }

  function begun() {
    if (performance.now() - told < EVERY) return;
    told = performance.now();
    tell({ aioturk: "input" });
  }

  // Something that would be lost with the page.
  function typed() {
    if (isTyped) return;
    isTyped = true;
    tell({ aioturk: "typed" });
  }

  for (const kind of ["input", "change"]) window.addEventListener(kind, typed, { capture: true, passive: true });
  for (const kind of ["input", "change", "keydown", "pointerdown", "scroll", "mousemove", "touchmove"]) {
    window.addEventListener(kind, begun, { capture: true, passive: true });
  }
  window.addEventListener("submit", () => tell({ aioturk: "submitting" }), { capture: true });
  window.addEventListener("load", measure);
  window.addEventListener("resize", measure);
  document.addEventListener("DOMContentLoaded", () => new ResizeObserver(measure).observe(document.body));
})();
