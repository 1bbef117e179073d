/** Wires the parts of the page together. */

import { Access } from "./access.js";
import { ItemsApi } from "./api.js";
import { watchConnection } from "./connection.js";
import { ConflictDialog } from "./dialogs/conflict-dialog.js";
import { DeleteDialog } from "./dialogs/delete-dialog.js";
import { ItemDialog } from "./dialogs/item-dialog.js";
import { openModal, wireClosing } from "./dialogs/open.js";
import { byId } from "./dom.js";
import { textsOf } from "./fields.js";
import { KeyGate } from "./key-gate.js";
import { Keyring } from "./keyring.js";
import { ListView } from "./list-view.js";
import { INITIAL_LIST, Listing } from "./listing.js";
import { closeToast, toast } from "./notices.js";
import { focusRow, moveFocus, pressInRow, rowIndexOf, wireShortcuts } from "./shortcuts.js";
import { createStore } from "./store.js";

const keyring = new Keyring();
keyring.takeFromAddress();
const access = new Access(keyring, () => listing.firstPage());

const store = createStore(INITIAL_LIST);
const gate = new KeyGate(access);
const api = new ItemsApi(access);
const listing = new Listing(store, api, gate);
const itemDialog = new ItemDialog(api, gate, new ConflictDialog(), tellStored);
const deleteDialog = new DeleteDialog(removeItem, tellDeleted);

new ListView(store, listing, {
  create: () => itemDialog.openNew(),
  edit: (item) => itemDialog.openEdit(item),
  remove: (item) => deleteDialog.open(item),
  enter: () => listing.reload(),
});

const STORED = {
  created: (name) => `Created ${name}.`,
  saved: (name) => `Saved ${name}.`,
  unchanged: (name) => `Nothing to save: ${name} is unchanged.`,
  theirs: (name) => `Kept the stored version of ${name}.`,
};

function removeItem({ item_id: itemId, version }) {
  return gate.run(() => api.remove(itemId, version));
}

function tellStored(item, what) {
  const text = STORED[what](`“${item.name}”`);
  if (store.state.phase === "failed") listing.reload();
  if (listing.show(item)) return toast(text);
  return toast(`${text} The filter hides it.`, { label: "Show all", run: () => listing.filterBy("") });
}

/** A deletion cannot be undone; what can be had is a new item with the same contents. */
async function tellDeleted(item, wasGone) {
  const text = wasGone ? `“${item.name}” was deleted already.` : `Deleted “${item.name}”.`;
  toast(text, { label: "Create a copy", run: () => itemDialog.openNew(textsOf(item)) });
  const at = rowIndexOf(item.item_id);
  await listing.forget(item.item_id);
  focusRow(at);
}

function openHelp() {
  openModal(byId("help-dialog"));
}

function wireButtons() {
  const on = (id, run, event = "click") => byId(id).addEventListener(event, run);
  on("new-item", () => itemDialog.openNew());
  on("reload", () => listing.reload());
  on("previous-page", () => listing.previousPage());
  on("next-page", () => listing.nextPage());
  on("page-size", () => listing.setPageSize(Number(byId("page-size").value)), "change");
  on("open-help", openHelp);
  on("toast-close", closeToast);
  byId("other-status").addEventListener("submit", (event) => {
    event.preventDefault();
    listing.filterBy(byId("status-filter").value.trim());
    byId("status-filter").value = "";
    byId("items").focus();
  });
}

wireButtons();
wireClosing(byId("help-dialog"));
wireShortcuts({
  n: () => itemDialog.openNew(),
  j: () => moveFocus(1),
  k: () => moveFocus(-1),
  e: () => pressInRow("edit"),
  d: () => pressInRow("delete"),
  "/": () => byId("status-filter").focus(),
  a: () => listing.filterBy(""),
  "[": () => listing.previousPage(),
  "]": () => listing.nextPage(),
  r: () => listing.reload(),
  "?": openHelp,
});
watchConnection(() => {
  if (store.state.phase === "failed") listing.reload();
});
itemDialog.resume();
listing.reload();
