/**
 * What was typed and not yet saved, kept in the tab's session storage so that neither a failed
 * request nor a reload loses it. One draft for a new item, one for each item being edited.
 */

import * as exactJson from "./exact-json.js";

const PREFIX = "cloudworthy.draft.";
const OPEN = "cloudworthy.open-draft";

export const NEW_ITEM = "new";

export function load(draftId) {
  const stored = sessionStorage.getItem(PREFIX + draftId);
  return stored === null ? null : exactJson.parse(stored);
}

/** Answers false when the browser has no room left for it. */
export function save(draftId, draft) {
  try {
    sessionStorage.setItem(PREFIX + draftId, exactJson.stringify(draft));
    return true;
  } catch (error) {
    if (error instanceof DOMException) return false;
    throw error;
  }
}

export function drop(draftId) {
  sessionStorage.removeItem(PREFIX + draftId);
}

/** Which form was open, so that a reload can open it again. */
export function markOpen(draftId) {
  if (draftId === null) sessionStorage.removeItem(OPEN);
  else sessionStorage.setItem(OPEN, draftId);
}

export function openDraftId() {
  return sessionStorage.getItem(OPEN);
}
