// Stands in the frame of a task once its answers have come in, and tells the page around it.

"use strict";

(() => {
  const { assignment, onward } = document.body.dataset;
  if (window.top === window) {
    if (onward) location.replace(onward);
    return;
  }
  window.top.postMessage({ aioturk: "submitted", assignmentId: assignment }, location.origin);
})();
