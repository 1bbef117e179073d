/** Shortcuts of one key. They rest while a dialog is open or something is typed. */

import { byId } from "./dom.js";

const SWITCHED_OFF = "cloudworthy.single-keys-off";
const TYPING = "input:not([type=checkbox]), textarea, select";

/** @param {Record<string, () => void>} actions by key */
export function wireShortcuts(actions) {
  const toggle = byId("single-keys");
  toggle.checked = sessionStorage.getItem(SWITCHED_OFF) === null;
  toggle.addEventListener("change", () => {
    if (toggle.checked) sessionStorage.removeItem(SWITCHED_OFF);
    else sessionStorage.setItem(SWITCHED_OFF, "yes");
  });
  document.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    if (!action || !toggle.checked || isTaken(event)) return;
    event.preventDefault();
    action();
  });
}

function isTaken(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return true;
  return event.target.matches(TYPING) || document.querySelector("dialog[open]") !== null;
}

function rows() {
  return [...document.querySelectorAll("#rows tr[data-item-id]")];
}

export function rowIndexOf(itemId) {
  return rows().findIndex((row) => row.dataset.itemId === itemId);
}

/** Puts the focus on the row at the index or the nearest to it; without rows, on the list. */
export function focusRow(index) {
  const all = rows();
  const row = all[Math.min(Math.max(index, 0), all.length - 1)];
  (row?.querySelector("[data-action=edit]") ?? byId("items")).focus();
}

/** Moves the focus `step` rows on from the row that has it, else to the first. */
export function moveFocus(step) {
  const row = document.activeElement.closest("#rows tr");
  focusRow(row ? rows().indexOf(row) + step : 0);
}

/** Presses a button of the row that has the focus. */
export function pressInRow(action) {
  document.activeElement.closest("#rows tr")?.querySelector(`[data-action=${action}]`)?.click();
}
