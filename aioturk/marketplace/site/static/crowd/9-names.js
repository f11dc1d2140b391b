// The names of all elements. Defining one brings those on the page to life, so it comes last, and the form after what
// it holds.

define("iron-icon", IronIcon);
define("crowd-input", CrowdInput);
define("crowd-text-area", CrowdTextArea);
define("crowd-slider", CrowdSlider);
define("crowd-checkbox", CrowdSwitch);
define("crowd-toggle-button", CrowdToggle);
define("crowd-radio-group", CrowdRadioGroup);
define("crowd-radio-button", CrowdRadio);
define("crowd-button", CrowdButton);
define("crowd-icon-button", CrowdIconButton);
define("crowd-fab", class CrowdFab extends CrowdIconButton {});
define("crowd-modal", CrowdModal);
define("crowd-instructions", CrowdInstructions);
define("crowd-tabs", CrowdTabs);
define("crowd-tab", CrowdTab);
define("crowd-card", CrowdCard);
define("crowd-alert", CrowdAlert);
define("crowd-badge", CrowdBadge);
define("crowd-toast", CrowdToast);
define("crowd-classifier", CrowdClassifier);
define("crowd-classifier-multi-select", CrowdClassifierMulti);
define("crowd-image-classifier", CrowdImageClassifier);
define("crowd-image-classifier-multi-select", CrowdImageClassifierMulti);
define("crowd-bounding-box", CrowdBoundingBox);
define("crowd-form", CrowdForm);

// Templates wait for this word before they set labels, show parts, or listen to the form. It comes after whatever else
// waits for the page to be read, so that it finds all elements as they are to be, and those who wait are there.
whenParsed(() => setTimeout(() => document.dispatchEvent(new Event("all-crowd-elements-ready", { bubbles: true }))));

// Not before the page is complete: it may define elements of its own under such names.
function watchForMissing() {
  defineMissing();
  new MutationObserver(defineMissing).observe(document.documentElement, { childList: true, subtree: true });
}
if (document.readyState === "complete") watchForMissing();
else window.addEventListener("load", watchForMissing, { once: true });
