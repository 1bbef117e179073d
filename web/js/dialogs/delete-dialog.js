/** Confirms a deletion. It cannot be undone: the service keeps nothing, ids are never given twice. */

import { byId, isUnavailable, setUnavailable } from "../dom.js";
import { ApiError } from "../errors.js";
import { showFailure, toast } from "../notices.js";
import { Retrier } from "../retrier.js";
import { openModal, wireClosing } from "./open.js";

export class DeleteDialog {
  #remove;
  #deleted;
  #dialog = byId("delete-dialog");
  #item = null;
  #retrier = new Retrier();

  /**
   * @param {(item: object) => Promise<void>} remove
   * @param {(item: object, wasGone: boolean) => void} deleted told after the dialog has closed
   */
  constructor(remove, deleted) {
    this.#remove = remove;
    this.#deleted = deleted;
    wireClosing(this.#dialog);
    byId("confirm-delete").addEventListener("click", () => this.#confirm());
    this.#dialog.addEventListener("close", () => this.#retrier.succeeded());
  }

  open(item) {
    this.#show(item);
    showFailure(byId("delete-notice"), null);
    this.#setBusy(false);
    openModal(this.#dialog, byId("cancel-delete"));
  }

  #show(item) {
    this.#item = item;
    byId("delete-text").textContent = `“${item.name}” is deleted for good. This cannot be undone.`;
  }

  async #confirm() {
    if (this.#isBusy) return;
    this.#retrier.stop();
    this.#setBusy(true);
    byId("confirm-delete").focus();
    showFailure(byId("delete-notice"), null);
    try {
      await this.#remove(this.#item);
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
    if (error.kind === "conflict" && error.details?.current) return this.#changed(error);
    return showFailure(byId("delete-notice"), error, this.#retrier.button(error, () => this.#confirm()));
  }

  /** What is about to be deleted is no longer what the person saw: they confirm it anew. */
  #changed(error) {
    const { current } = error.details;
    this.#show(current);
    const now = `It is now “${current.name}”, ${current.status}. Delete it all the same?`;
    showFailure(byId("delete-notice"), new ApiError("conflict", { message: now }));
  }

  get #isBusy() {
    return isUnavailable(byId("confirm-delete"));
  }

  #setBusy(isBusy) {
    setUnavailable(byId("confirm-delete"), isBusy);
    byId("confirm-delete").textContent = isBusy ? "Deleting…" : "Delete";
  }
}
