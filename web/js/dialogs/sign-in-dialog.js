/** Asks a person to sign in. */

import { byId, fill } from "../dom.js";
import { openModal, wireClosing } from "./open.js";

const TEXTS = {
  missing: "This API answers only those who have signed in.",
  refused: "The service no longer accepts this sign-in. What you typed is kept: sign in again.",
  failed: "You are not signed in.",
};

export class SignInDialog {
  #dialog = byId("sign-in-dialog");
  #button = byId("begin-sign-in");
  #begin;
  #answer = () => {};

  /** @param {() => Promise<void>} begin leaves the page */
  constructor(begin) {
    this.#begin = begin;
    wireClosing(this.#dialog);
    this.#button.addEventListener("click", () => this.#leave());
    this.#dialog.addEventListener("close", () => this.#answer(false));
  }

  /** Resolves, to false, when the person closes the dialog: signing in leaves the page. */
  ask(reason, problem = "") {
    this.#answer(false);
    byId("sign-in-text").textContent = TEXTS[reason];
    fill(byId("error-sign-in"), problem);
    if (!this.#dialog.open) openModal(this.#dialog, this.#button);
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  async #leave() {
    try {
      await this.#begin();
    } catch (error) {
      fill(byId("error-sign-in"), error.message);
    }
  }
}
