/**
 * Saving a draft without ever doing it twice or over someone else's change.
 *
 * A draft is `{id, texts, base, attempt}`: what is typed, the item it started from (null for a new
 * one), and the last attempt at creating it.
 */

import { NEW_ITEM } from "./drafts.js";
import { ApiError } from "./errors.js";
import * as exactJson from "./exact-json.js";
import {
  EMPTY_TEXTS,
  FIELDS,
  bodyToCreate,
  bodyToUpdate,
  isSame,
  metadataProblem,
  textsOf,
} from "./fields.js";

export function newDraft(texts, id = NEW_ITEM) {
  return { id, texts, base: null, attempt: null };
}

export function draftOf(item) {
  return { id: item.item_id, texts: textsOf(item), base: item, attempt: null };
}

/** The texts the form had before anything was typed. */
export function startingTexts(draft) {
  return draft.base ? textsOf(draft.base) : EMPTY_TEXTS;
}

export function isTouched(draft) {
  if (draft.attempt?.inDoubt) return true;
  const start = startingTexts(draft);
  return FIELDS.some((field) => draft.texts[field] !== start[field]);
}

/** The reason why the metadata of the draft cannot be sent, or null. */
export function draftProblem(draft) {
  const { metadata } = draft.texts;
  return metadata === startingTexts(draft).metadata ? null : metadataProblem(metadata);
}

/**
 * The attempt to make next.
 *
 * The same text keeps its idempotency key, so that trying again creates nothing twice. Changed
 * text gets a new key, except while the earlier attempt may have arrived: the service then refuses
 * the old key (422) rather than let one draft become two items.
 */
export function nextAttempt(previous, body) {
  const text = exactJson.stringify(body);
  if (previous && (previous.text === text || previous.inDoubt)) return { ...previous, text };
  return { key: crypto.randomUUID(), text, inDoubt: false };
}

/** Creates the item of the draft; `keep` stores the draft before and after the request. */
export async function create(api, draft, keep) {
  const body = bodyToCreate(draft.texts);
  const attempt = nextAttempt(draft.attempt, body);
  // A reload while the request runs must find the attempt in doubt.
  draft.attempt = { ...attempt, inDoubt: true };
  keep();
  try {
    return await api.create(body, attempt.key);
  } catch (error) {
    draft.attempt.inDoubt = attempt.inDoubt || error.leavesDoubt !== false;
    keep();
    throw error;
  }
}

/** Writes the changed fields; answers the stored item, unchanged when nothing differs. */
export async function update(api, draft) {
  const body = bodyToUpdate(draft.base, draft.texts);
  if (Object.keys(body).length === 0) return draft.base;
  try {
    return await api.update(draft.base.item_id, draft.base.version, body);
  } catch (error) {
    if (error.kind !== "conflict") throw error;
    const current = error.details?.current ?? (await api.get(draft.base.item_id));
    if (alreadyHas(current, draft.texts, Object.keys(body))) return current;
    throw new ApiError("conflict", { status: error.status, details: { current } });
  }
}

/** An earlier attempt whose answer was lost: what was to be written is there. */
function alreadyHas(current, texts, fields) {
  const stored = textsOf(current);
  return fields.every((field) => isSame(field, texts[field], stored[field]));
}
