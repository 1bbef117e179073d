/** What every dialog needs: opening, closing, and the focus back where it was. */

/** Lets every `data-close` button in the dialog close it. */
export function wireClosing(dialog) {
  for (const button of dialog.querySelectorAll("[data-close]")) {
    button.addEventListener("click", () => dialog.close());
  }
}

/**
 * Opens a dialog. When it closes, the browser brings the focus back to the element that had it;
 * where that is gone, it goes to the one redrawn in its place, or to the list.
 */
export function openModal(dialog, firstFocus = null) {
  const before = document.activeElement;
  dialog.addEventListener("close", () => restoreFocus(before), { once: true });
  dialog.showModal();
  firstFocus?.focus();
}

function restoreFocus(before) {
  if (document.activeElement !== document.body) return;
  (successorOf(before) ?? document.getElementById("items")).focus();
}

function successorOf(element) {
  const name = element?.dataset?.focus;
  return name ? document.querySelector(`[data-focus="${CSS.escape(name)}"]`) : null;
}
