/** Asks for the API key. */

import { byId, fill } from "../dom.js";
import { isSendable } from "../keyring.js";
import { openModal, wireClosing } from "./open.js";

const TEXTS = {
  missing: "This API answers only with a key. On your own machine “cloudworthy up” prints it.",
  refused: "The service refused the key in use. Check it, or enter another one.",
  change: "The key this page sends with each request.",
};

export class KeyDialog {
  #keyring;
  #dialog = byId("key-dialog");
  #field = byId("field-key");
  #answer = () => {};

  constructor(keyring) {
    this.#keyring = keyring;
    wireClosing(this.#dialog);
    byId("key-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("forget-key").addEventListener("click", () => this.#forget());
    this.#dialog.addEventListener("close", () => this.#settle(false));
  }

  /** Resolves to whether a key was given. */
  ask(reason) {
    this.#settle(false);
    byId("key-text").textContent = TEXTS[reason];
    byId("forget-key").hidden = this.#keyring.key === null;
    this.#problem(reason === "refused" ? "This key was refused." : "");
    if (!this.#dialog.open) openModal(this.#dialog, this.#field);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  #submit() {
    const key = this.#field.value.trim();
    if (!isSendable(key)) {
      this.#problem(key ? "A key has letters, digits and signs only, no spaces." : "Enter the key.");
      this.#field.focus();
      return;
    }
    this.#keyring.key = key;
    this.closeWithKey();
  }

  /** For a key that has arrived: who asked goes on with it. */
  closeWithKey() {
    this.#settle(true);
    this.#dialog.close();
  }

  #forget() {
    this.#keyring.forget();
    this.closeWithKey();
  }

  #settle(given) {
    this.#field.value = "";
    this.#answer(given);
    this.#answer = () => {};
  }

  #problem(text) {
    fill(byId("error-key"), text);
    this.#field.setAttribute("aria-invalid", String(text !== ""));
  }
}
