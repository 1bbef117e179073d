/** The four fields a person edits: between an item, the text of a form and a request body. */

import * as exactJson from "./exact-json.js";

export const FIELDS = ["name", "status", "description", "metadata"];

/** The element class of a field's text: metadata reads as code. */
export function textClass(field) {
  return field === "metadata" ? "value code" : "value";
}

export const LABELS = {
  name: "Name",
  status: "Status",
  description: "Description",
  metadata: "Metadata",
};

export const EMPTY_TEXTS = Object.freeze({ name: "", status: "", description: "", metadata: "" });

/** What the form shows for an item. */
export function textsOf(item) {
  const texts = {};
  for (const field of FIELDS) texts[field] = textOf(field, item[field]);
  return texts;
}

function textOf(field, value) {
  if (value === null || value === undefined) return "";
  if (field !== "metadata") return typeof value === "string" ? value : exactJson.stringify(value);
  return Object.keys(value).length === 0 ? "" : exactJson.stringify(value, 2);
}

/** The reason why the text is not a metadata object, or null. */
export function metadataProblem(text) {
  if (text.trim() === "") return null;
  let value;
  try {
    value = exactJson.parse(text);
  } catch (error) {
    return `This is not valid JSON: ${error.message}`;
  }
  if (!exactJson.isObject(value)) return "This must be a JSON object, like {\"colour\": \"red\"}.";
  if (exactJson.mayHaveLostDigits(value)) {
    return "This browser cannot keep all digits of a number in here. Write it as text, in quotes.";
  }
  return null;
}

function valueOf(field, text) {
  if (field !== "metadata") return text;
  return text.trim() === "" ? {} : exactJson.parse(text);
}

/** The body that creates an item: what was left empty is the service's to default. */
export function bodyToCreate(texts) {
  const filled = FIELDS.filter((field) => texts[field].trim() !== "");
  return Object.fromEntries(filled.map((field) => [field, valueOf(field, texts[field])]));
}

/** The body that makes an item what the form says: the fields that differ, possibly none. */
export function bodyToUpdate(item, texts) {
  const stored = textsOf(item);
  const changed = FIELDS.filter((field) => !isSame(field, texts[field], stored[field]));
  return Object.fromEntries(changed.map((field) => [field, valueOf(field, texts[field])]));
}

/** Whether two texts of a field mean the same value. */
export function isSame(field, one, other) {
  if (one === other) return true;
  if (field !== "metadata" || metadataProblem(one) || metadataProblem(other)) return false;
  return exactJson.canonical(valueOf(field, one)) === exactJson.canonical(valueOf(field, other));
}

/** Mine where I changed a field since `base`, theirs where I did not. */
export function merged(base, mine, theirs) {
  const result = {};
  for (const field of FIELDS) {
    result[field] = isSame(field, mine[field], base[field]) ? theirs[field] : mine[field];
  }
  return result;
}
