/** Shows both versions of an item that was changed meanwhile, and asks which shall stay. */

import { byId, el, fill } from "../dom.js";
import { FIELDS, LABELS, isSame, textClass, textsOf } from "../fields.js";
import { timeElement } from "../times.js";
import { openModal, wireClosing } from "./open.js";

export class ConflictDialog {
  #dialog = byId("conflict-dialog");
  #answer = () => {};

  constructor() {
    wireClosing(this.#dialog);
    const choices = { "keep-mine": "mine", "take-theirs": "theirs", "edit-merge": "merge" };
    for (const [id, choice] of Object.entries(choices)) {
      byId(id).addEventListener("click", () => this.#choose(choice));
    }
    this.#dialog.addEventListener("close", () => this.#answer(null));
  }

  /**
   * @param draft what the person has, and the item it started from
   * @param current the item as it is stored now
   * @returns {Promise<"mine"|"theirs"|"merge"|null>} null: back to the form
   */
  ask(draft, current) {
    fill(
      byId("conflict-text"),
      `You started from version ${draft.base.version}. Since then version ${current.version} was stored, `,
      timeElement(current.updated_at),
      ". Nothing is overwritten until you choose.",
    );
    const mine = draft.texts;
    byId("versions").replaceChildren(versionsTable(textsOf(draft.base), mine, textsOf(current), current));
    openModal(this.#dialog, byId("edit-merge"));
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  #choose(choice) {
    this.#answer(choice);
    this.#answer = () => {};
    this.#dialog.close();
  }
}

function versionsTable(base, mine, theirs, current) {
  const heading = (text) => el("th", { role: "columnheader", scope: "col" }, text);
  const head = el(
    "tr",
    { role: "row" },
    heading("Field"),
    heading("Yours"),
    heading(`Stored (version ${current.version})`),
  );
  const rows = FIELDS.map((field) => fieldRow(field, base[field], mine[field], theirs[field]));
  return el(
    "table",
    { role: "table", class: "versions-table" },
    el("thead", { role: "rowgroup" }, head),
    el("tbody", { role: "rowgroup" }, ...rows),
  );
}

function fieldRow(field, base, mine, theirs) {
  const differs = !isSame(field, mine, theirs);
  const mark = differs ? el("span", { class: "differs" }, whoChanged(field, base, mine, theirs)) : null;
  const cell = (label, text) =>
    el("td", { role: "cell", data: { label } }, el("div", { class: textClass(field) }, text || "(empty)"));
  return el(
    "tr",
    { role: "row", class: differs ? "is-different" : "", data: { field } },
    el("th", { role: "rowheader", scope: "row" }, LABELS[field], mark),
    cell("Yours", mine),
    cell("Stored", theirs),
  );
}

function whoChanged(field, base, mine, theirs) {
  if (isSame(field, base, theirs)) return "you changed it";
  return isSame(field, base, mine) ? "they changed it" : "both changed it";
}
