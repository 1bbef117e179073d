/** Confirms a deletion. It cannot be undone: the service keeps nothing, ids are never given twice. */

import { byId } from "../dom.js";
import { announce, retryButton, showFailure, toast } from "../notices.js";
import { openModal, wireClosing } from "./open.js";

export class DeleteDialog {
  #remove;
  #deleted;
  #dialog = byId("delete-dialog");
  #item = null;
  #stopCountdown = () => {};

  /**
   * @param {(itemId: string) => Promise<void>} remove
   * @param {(item: object, wasGone: boolean) => void} deleted told after the dialog has closed
   */
  constructor(remove, deleted) {
    this.#remove = remove;
    this.#deleted = deleted;
    wireClosing(this.#dialog);
    byId("confirm-delete").addEventListener("click", () => this.#confirm());
    this.#dialog.addEventListener("close", () => this.#stopCountdown());
  }

  open(item) {
    this.#item = item;
    byId("delete-text").textContent =
      `“${item.name}” is deleted for good. This cannot be undone.`;
    showFailure(byId("delete-notice"), null);
    this.#setBusy(false);
    openModal(this.#dialog, byId("cancel-delete"));
  }

  async #confirm() {
    this.#stopCountdown();
    this.#setBusy(true);
    announce("Deleting…");
    try {
      await this.#remove(this.#item.item_id);
      this.#finish(false);
    } catch (error) {
      if (error.kind === "missing") return this.#finish(true);
      this.#failed(error);
    } finally {
      this.#setBusy(false);
    }
  }

  #finish(wasGone) {
    this.#dialog.close();
    this.#deleted(this.#item, wasGone);
  }

  #failed(error) {
    if (!this.#dialog.open) return toast(`“${this.#item.name}” was not deleted.`);
    const { button, stop } = retryButton(error, () => this.#confirm());
    this.#stopCountdown = stop;
    showFailure(byId("delete-notice"), error, button);
  }

  #setBusy(isBusy) {
    byId("confirm-delete").disabled = isBusy;
    byId("confirm-delete").textContent = isBusy ? "Deleting…" : "Delete";
  }
}
