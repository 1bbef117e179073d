/** Messages to the person: announcements, the toast, and notices about a failure. */

import { countDown } from "./countdown.js";
import { byId, el, fill } from "./dom.js";
import { describe } from "./errors.js";

const TOAST_STAYS_MS = 8000;
const WAIT_WITHOUT_RETRY_AFTER_S = 5;

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

/** The words about a failure. */
export function failureText(error) {
  const { title, text, requestId } = describe(error);
  const id = requestId ? el("span", { class: "request-id" }, `Request ${requestId}`) : null;
  return el("div", { class: "failure-text" }, el("strong", {}, title), el("p", {}, text), id);
}

/**
 * A button that tries again: when pressed, or by itself after the time the service asked for.
 *
 * @param {() => boolean} mayRetryItself asked when that time is over; else the button waits
 * @returns {{button: HTMLButtonElement, stop: () => void}} `stop` ends the countdown
 */
export function retryButton(error, retry, mayRetryItself = () => true) {
  const button = el("button", { type: "button", class: "button", on: { click: retry } }, "Try again");
  const waits = error.kind === "throttled" || error.retryAfterS !== undefined;
  if (!waits) return { button, stop: () => {} };
  button.disabled = true;
  const stop = countDown(
    error.retryAfterS ?? WAIT_WITHOUT_RETRY_AFTER_S,
    (left) => {
      button.textContent = `Trying again in ${left} s`;
    },
    () => {
      button.disabled = false;
      button.textContent = "Try again";
      if (mayRetryItself()) retry();
    },
  );
  return { button, stop };
}

/** Shows a failure in a notice, with the button that leads on if there is one; or clears it. */
export function showFailure(notice, error, button = null) {
  if (!error) return fill(notice);
  fill(notice, failureText(error), el("div", { class: "notice-buttons" }, button));
}
