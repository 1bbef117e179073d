/** The four fields of the item dialog: their text, their errors, and the stored text beside them. */

import { byId, el, fill } from "../dom.js";
import { FIELDS, isSame, textClass } from "../fields.js";

const LOST_DIGITS =
  "This browser cannot keep all digits of a number in here, so it is shown but not edited.";

export class ItemForm {
  #inputs = Object.fromEntries(FIELDS.map((field) => [field, byId(`field-${field}`)]));
  #metadataLocked = false;

  /** @param {(texts: Record<string, string>) => void} changed */
  constructor(changed) {
    for (const [field, input] of Object.entries(this.#inputs)) {
      input.addEventListener("input", () => {
        this.#showError(field, "");
        changed(this.texts);
      });
    }
  }

  get texts() {
    return Object.fromEntries(FIELDS.map((field) => [field, this.#inputs[field].value]));
  }

  set texts(texts) {
    for (const field of FIELDS) this.#inputs[field].value = texts[field];
  }

  get first() {
    return this.#inputs[FIELDS[0]];
  }

  /** While a request runs the text stays as it was sent. */
  set busy(isBusy) {
    for (const input of Object.values(this.#inputs)) input.readOnly = isBusy;
    this.#inputs.metadata.readOnly = isBusy || this.#metadataLocked;
  }

  set metadataLocked(isLocked) {
    this.#metadataLocked = isLocked;
    this.#inputs.metadata.readOnly = isLocked;
    this.#showHint(isLocked ? LOST_DIGITS : "");
  }

  #showHint(problem) {
    byId("hint-metadata").textContent =
      problem || "A JSON object. Numbers keep every digit you type.";
  }

  /** Puts each message at its field, and the focus on the first of these fields. */
  showErrors(errors) {
    for (const field of FIELDS) this.#showError(field, errors[field] ?? "");
    const first = FIELDS.find((field) => errors[field]);
    if (first) this.#inputs[first].focus();
  }

  #showError(field, message) {
    fill(byId(`error-${field}`), message);
    this.#inputs[field].setAttribute("aria-invalid", String(message !== ""));
  }

  /** Shows the stored text beside each field where it differs; `null` shows none. */
  showStored(stored, changed) {
    for (const field of FIELDS) {
      const differs = stored && !isSame(field, this.#inputs[field].value, stored[field]);
      const place = this.#inputs[field].closest(".field").querySelector(".stored-value");
      if (differs) fill(place, ...this.#storedParts(field, stored[field], place, changed));
      else fill(place);
    }
  }

  #storedParts(field, text, place, changed) {
    const take = () => {
      this.#inputs[field].value = text;
      fill(place);
      this.#inputs[field].focus();
      changed(this.texts);
    };
    return [
      el("span", { class: "stored-label" }, "Stored now:"),
      el("div", { class: textClass(field) }, text || "(empty)"),
      el(
        "button",
        { type: "button", class: "button small", "aria-label": `Use the stored ${field}`, on: { click: take } },
        "Use this",
      ),
    ];
  }
}
