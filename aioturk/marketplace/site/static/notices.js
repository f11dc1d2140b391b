// What is tried out changes: previews are then loaded anew. Nobody who is at work is taken away from it, but told.

"use strict";

(() => {
  const notices = document.getElementById("notices");
  const EVERY = 700;  // milliseconds

  async function look() {
    let news = null;
    try {
      const answer = await fetch("/notices");
      if (answer.ok) news = await answer.json();
    } catch {
      // It has ended, or is just beginning anew.
    }
    if (news && news.number !== Number(notices.dataset.number)) {
      if (!document.getElementById("work")) {
        location.assign(news.path);
        return;
      }
      document.getElementById("changed").hidden = false;
    }
    setTimeout(look, EVERY);
  }

  setTimeout(look, EVERY);
})();
