/** Creating and editing an item. */

import { byId, el, fill, isUnavailable, setUnavailable } from "../dom.js";
import * as drafts from "../drafts.js";
import { describe, fieldErrors } from "../errors.js";
import { mayHaveLostDigits } from "../exact-json.js";
import { EMPTY_TEXTS, FIELDS, merged, textsOf } from "../fields.js";
import { showFailure, toast } from "../notices.js";
import { Retrier } from "../retrier.js";
import * as submission from "../submission.js";
import { timeElement } from "../times.js";
import { ItemForm } from "./item-form.js";
import { openModal, wireClosing } from "./open.js";

export class ItemDialog {
  #api;
  #gate;
  #conflict;
  #stored;
  #dialog = byId("item-dialog");
  #notice = byId("item-notice");
  #form = new ItemForm((texts) => this.#typed(texts));
  #draft = submission.newDraft(EMPTY_TEXTS);
  #retrier = new Retrier();

  /**
   * @param {import("./conflict-dialog.js").ConflictDialog} conflict
   * @param {(item: object, what: "created"|"saved"|"unchanged"|"theirs") => void} stored
   */
  constructor(api, gate, conflict, stored) {
    this.#api = api;
    this.#gate = gate;
    this.#conflict = conflict;
    this.#stored = stored;
    wireClosing(this.#dialog);
    byId("item-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("item-form").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#submit();
    });
    byId("discard-draft").addEventListener("click", () => this.#discard());
    this.#dialog.addEventListener("close", () => this.#closed());
  }

  /** Opens the form for a new item; `texts` fill it, and leave an earlier draft alone. */
  openNew(texts = null) {
    const kept = texts ? null : drafts.load(drafts.NEW_ITEM);
    this.#open(kept ?? newDraft(texts), kept !== null);
  }

  openEdit(item) {
    const kept = drafts.load(item.item_id);
    this.#open(kept ?? submission.draftOf(item), kept !== null);
  }

  /** Opens the form that was open with unsaved text when the page was left or reloaded. */
  resume() {
    const kept = drafts.load(drafts.openDraftId() ?? "");
    if (kept) this.#open(kept, true);
    else drafts.markOpen(null);
  }

  #open(draft, isRestored) {
    this.#draft = draft;
    this.#showDraft();
    this.#setBusy(false);
    const kept = isRestored ? "What you typed before is still here. It is not saved yet." : "";
    fill(byId("draft-notice"), kept);
    this.#keep();
    drafts.markOpen(this.#draft.id);
    openModal(this.#dialog, this.#form.first);
  }

  #showDraft() {
    const { base, texts, merging } = this.#draft;
    byId("item-title").textContent = base ? "Edit item" : "New item";
    this.#form.texts = texts;
    this.#form.metadataLocked = base !== null && mayHaveLostDigits(base.metadata);
    this.#form.showErrors({});
    this.#form.showStored(merging ? textsOf(base) : null, (typed) => this.#typed(typed));
    fill(byId("item-facts"), ...(base ? facts(base) : []));
    this.#showFailure(null);
  }

  #typed(texts) {
    this.#draft.texts = texts;
    fill(byId("draft-notice"));
    this.#keep();
  }

  /** Keeps the draft in the tab's storage for as long as it holds something unsaved. */
  #keep() {
    const touched = submission.isTouched(this.#draft);
    byId("discard-draft").hidden = !touched;
    if (!touched) return drafts.drop(this.#draft.id);
    if (drafts.save(this.#draft.id, this.#draft)) return undefined;
    return fill(byId("draft-notice"), "This is too long to survive a reload of the page.");
  }

  #discard() {
    const { texts, merging } = this.#draft;
    Object.assign(this.#draft, { texts: submission.startingTexts(this.#draft), merging: false });
    this.#showDraft();
    this.#keep();
    const undo = () => {
      Object.assign(this.#draft, { texts, merging });
      this.#showDraft();
      this.#typed(texts);
      this.#form.first.focus();
    };
    const button = el("button", { type: "button", class: "button small", on: { click: undo } }, "Undo");
    fill(byId("draft-notice"), "Changes discarded. ", button);
    this.#form.first.focus();
  }

  #closed() {
    this.#retrier.succeeded();
    drafts.markOpen(null);
    if (this.#isBusy) return toast("Still saving…");
    if (!submission.isTouched(this.#draft) || drafts.load(this.#draft.id) === null) return undefined;
    const draft = this.#draft;
    const again = () => this.#open(draft, true);
    return toast("Not saved. What you typed is kept in this tab.", { label: "Open it again", run: again });
  }

  async #submit() {
    if (this.#isBusy) return;
    this.#retrier.stop();
    this.#showFailure(null);
    const problem = submission.draftProblem(this.#draft);
    this.#form.showErrors(problem ? { metadata: problem } : {});
    if (problem) return;
    const draft = this.#draft;
    this.#setBusy(true);
    try {
      await this.#store(draft);
    } catch (error) {
      await this.#failed(draft, error);
    } finally {
      if (draft === this.#draft) this.#setBusy(false);
    }
  }

  async #store(draft) {
    const { base } = draft;
    const keep = () => draft === this.#draft && this.#keep();
    const item = await this.#gate.run(() =>
      base ? submission.update(this.#api, draft) : submission.create(this.#api, draft, keep),
    );
    this.#finish(draft, item, base ? (item === base ? "unchanged" : "saved") : "created");
  }

  #finish(draft, item, what) {
    drafts.drop(draft.id);
    if (draft === this.#draft) this.#dialog.close();
    this.#stored(item, what);
  }

  async #failed(draft, error) {
    if (draft !== this.#draft || !this.#dialog.open) {
      return toast(`Not saved: ${describe(error).title}.`, {
        label: "Open it again",
        run: () => this.#open(draft, true),
      });
    }
    if (error.kind === "conflict") return this.#resolve(draft, error.details.current);
    if (error.kind === "invalid") return this.#showInvalid(error);
    return this.#showFailure(error, this.#wayOut(draft, error));
  }

  #showInvalid(error) {
    const messages = fieldErrors(error);
    this.#form.showErrors(messages);
    const atFields = Object.keys(messages).filter((field) => FIELDS.includes(field));
    if (atFields.length < Math.max(1, Object.keys(messages).length)) this.#showFailure(error);
  }

  #showFailure(error, button = null) {
    if (this.#notice.contains(document.activeElement)) byId("save-item").focus();
    showFailure(this.#notice, error, button);
  }

  #wayOut(draft, error) {
    if (error.kind === "reused") {
      return this.#createAnew("Create as another item", draft.texts);
    }
    if (error.kind === "missing" && draft.base) {
      return this.#createAnew("Create it as a new item", draft.texts);
    }
    const textThen = JSON.stringify(draft.texts);
    const isUntouched = () => JSON.stringify(draft.texts) === textThen;
    return this.#retrier.button(error, () => this.#submit(), isUntouched);
  }

  /** A way on when the draft cannot be saved as what it was. */
  #createAnew(label, texts) {
    const create = () => {
      drafts.drop(this.#draft.id);
      this.#draft = newDraft(texts);
      this.#showDraft();
      this.#keep();
      drafts.markOpen(this.#draft.id);
      this.#submit();
    };
    return el("button", { type: "button", class: "button", on: { click: create } }, label);
  }

  async #resolve(draft, current) {
    this.#setBusy(false);
    const choice = await this.#conflict.ask(draft, current);
    if (choice === "theirs") return this.#finish(draft, current, "theirs");
    if (choice === null) return this.#form.first.focus();
    const mine = draft.texts;
    const texts = choice === "merge" ? merged(textsOf(draft.base), mine, textsOf(current)) : mine;
    Object.assign(draft, { base: current, texts, merging: choice === "merge" });
    this.#showDraft();
    this.#keep();
    this.#form.first.focus();
    if (choice === "mine") return this.#submit();
    return fill(byId("draft-notice"), "Both versions are in this form. Save when it says what you want.");
  }

  get #isBusy() {
    return isUnavailable(byId("save-item"));
  }

  #setBusy(isBusy) {
    const idle = this.#draft.base ? "Save" : "Create";
    setUnavailable(byId("save-item"), isBusy);
    byId("save-item").textContent = isBusy ? "Saving…" : idle;
    byId("item-form").setAttribute("aria-busy", String(isBusy));
    this.#form.busy = isBusy;
  }
}

/** Given texts get an id of their own, so as not to overwrite the draft that was being typed. */
function newDraft(texts) {
  if (texts === null) return submission.newDraft(EMPTY_TEXTS);
  return submission.newDraft(texts, `new-${crypto.randomUUID()}`);
}

function facts(item) {
  const fact = (term, value) => el("div", {}, el("dt", {}, term), el("dd", {}, value));
  return [
    fact("Id", el("code", {}, item.item_id)),
    fact("Created", timeElement(item.created_at)),
    fact("Updated", timeElement(item.updated_at)),
    fact("Version", String(item.version)),
  ];
}
