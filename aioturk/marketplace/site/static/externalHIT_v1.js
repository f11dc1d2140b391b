"use strict";

// A stand-in for the helper that pages of tasks have loaded from Amazon for years: the same three functions. They are
// variables, as pages may have copies of their own.

/**
 * A parameter of the page's address, as it stands there: not decoded, as pages decode it themselves.
 * @param {string} name
 * @param {*} [defaultValue] What to return when the address has none of that name.
 */
var turkGetParam = function (name, defaultValue) {
  for (const part of location.search.slice(1).split("&")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at) === name) return part.slice(at + 1);
  }
  return defaultValue;
};

/**
 * Where answers are to be sent: the site's address without the path, or an empty text if the page was not told.
 * @returns {string}
 */
var turkGetSubmitToHost = function () {
  const target = new URLSearchParams(location.search).get("turkSubmitTo") ?? "";
  return /^https?:\/\//i.test(target) ? target.replace(/\/+$/, "") : "";
};

/**
 * Put the assignment into the form and send the form to where the page was told; in a preview the button is switched
 * off instead.
 * @param {string} [formName] The id of the form.
 * @param {string} [buttonName] The id of the button.
 */
var turkSetAssignmentID = function (formName, buttonName) {
  const assignmentId = new URLSearchParams(location.search).get("assignmentId") ?? "";
  const field = document.getElementById("assignmentId");
  if (field) field.value = assignmentId;
  if (assignmentId === "ASSIGNMENT_ID_NOT_AVAILABLE") {
    const button = document.getElementById(buttonName ?? "submitButton");
    if (!button) return;
    const text = "You must ACCEPT the HIT before you can submit the results.";
    button.disabled = true;
    if (button.localName === "button") button.textContent = text;
    else button.value = text;
    return;
  }
  const form = document.getElementById(formName ?? "mturk_form");
  const host = turkGetSubmitToHost();
  // By setAttribute, as a field called "action" would hide the property.
  if (form && host) form.setAttribute("action", `${host}/mturk/externalSubmit`);
};
