/** Messages to the person: announcements, the toast, and notices about a failure. */

import { byId, el, fill } from "./dom.js";
import { describe } from "./errors.js";

const TOAST_STAYS_MS = 8000;

/** Says something to a screen reader only. */
export function announce(text) {
  byId("announcer").textContent = text;
}

let hideToast = 0;

/** A message at the foot of the page; with an action it stays until dismissed. */
export function toast(text, action = null) {
  clearTimeout(hideToast);
  const button = byId("toast-action");
  byId("toast").hidden = false;
  byId("toast-text").textContent = text;
  button.hidden = action === null;
  button.textContent = action?.label ?? "";
  button.onclick = () => {
    closeToast();
    action.run();
  };
  if (action === null) hideToast = setTimeout(closeToast, TOAST_STAYS_MS);
}

export function closeToast() {
  byId("toast").hidden = true;
}

/** The words about a failure, spoken when they appear. */
export function failureText(error) {
  const { title, text, requestId } = describe(error);
  const id = requestId ? el("span", { class: "request-id" }, `Request ${requestId}`) : null;
  const parts = [el("strong", {}, title), el("p", {}, text), id];
  return el("div", { class: "failure-text", role: "alert" }, ...parts);
}

/** Shows a failure in a notice, with the button that leads on if there is one; or clears it. */
export function showFailure(notice, error, button = null) {
  if (!error) return fill(notice);
  fill(notice, failureText(error), el("div", { class: "notice-buttons" }, button));
}
