/** Draws the list: rows, skeleton, the empty and failed states, filter chips and the pager. */

import { byId, el, fill, setUnavailable } from "./dom.js";
import { announce, failureText, showFailure } from "./notices.js";
import { Retrier } from "./retrier.js";
import { timeElement } from "./times.js";

const SKELETON_ROWS = 6;
const KNOWN_STATUSES = new Set(["pending", "active", "done"]);

export class ListView {
  #listing;
  #actions;
  #retrier = new Retrier();
  #shown = {};

  /** @param actions `{create, edit(item), remove(item), enter}` */
  constructor(store, listing, actions) {
    this.#listing = listing;
    this.#actions = actions;
    store.subscribe((state) => this.#render(state));
  }

  #render(state) {
    const before = this.#shown;
    this.#shown = state;
    if (state.error !== before.error || state.phase !== before.phase) this.#renderFailure(state);
    keepingFocus(() => {
      this.#renderRows(state);
      this.#renderChips(state);
    });
    this.#renderPager(state);
    if (state.phase !== before.phase) announceState(state);
  }

  #renderRows(state) {
    const loading = state.phase === "loading";
    byId("items").setAttribute("aria-busy", String(loading));
    const skeleton = loading && state.items.length === 0;
    const rows = skeleton
      ? Array.from({ length: SKELETON_ROWS }, skeletonRow)
      : state.items.map((item) => this.#row(item, item.item_id === state.freshId));
    byId("rows").replaceChildren(...rows);
    byId("items-table").hidden = rows.length === 0;
    byId("items").classList.toggle("stale", loading && !skeleton);
    if (state.phase === "ready") this.#renderEmpty(state);
  }

  #row(item, isFresh) {
    const label = item.name || "item without a name";
    const cell = (name, ...children) => el("td", { role: "cell", class: `cell-${name}` }, ...children);
    const button = (name, text, run, tone = "") =>
      el(
        "button",
        {
          type: "button",
          class: `button quiet small ${tone}`,
          "aria-label": `${text} ${label}`,
          data: { focus: `${name}:${item.item_id}`, action: name },
          on: { click: () => run(item) },
        },
        text,
      );
    return el(
      "tr",
      { role: "row", class: isFresh ? "fresh" : "", data: { itemId: item.item_id } },
      el("th", { role: "rowheader", scope: "row", class: "cell-name" }, label),
      cell("status", this.#statusBadge(item.status)),
      cell("description", item.description || el("span", { class: "faint" }, "–")),
      cell("updated", timeElement(item.updated_at)),
      cell(
        "actions",
        button("edit", "Edit", this.#actions.edit),
        button("delete", "Delete", this.#actions.remove, "danger-text"),
      ),
    );
  }

  #statusBadge(status) {
    const tone = KNOWN_STATUSES.has(status) ? status : "other";
    return el("span", { class: "badge", data: { tone } }, String(status ?? ""));
  }

  #renderChips({ seenStatuses, filter }) {
    const statuses = new Set(["", ...seenStatuses, filter]);
    const chips = [...statuses].map((status) => this.#chip(status, filter));
    byId("status-chips").replaceChildren(...chips);
    byId("known-statuses").replaceChildren(
      ...seenStatuses.map((status) => el("option", { value: status })),
    );
  }

  #chip(status, filter) {
    return el(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-pressed": String(status === filter),
        data: { focus: `chip:${status}` },
        on: { click: () => this.#listing.filterBy(status) },
      },
      status || "All",
    );
  }

  #renderPager({ phase, items, pageIndex, hasMore, pageSize }) {
    const several = pageIndex > 0 || hasMore;
    byId("pager").hidden = items.length === 0 && !several;
    byId("page-label").textContent = `Page ${pageIndex + 1} · ${countOf(items)}`;
    byId("page-size").value = String(pageSize);
    setUnavailable(byId("previous-page"), pageIndex === 0 || phase === "loading");
    setUnavailable(byId("next-page"), !hasMore || phase === "loading");
  }

  #renderEmpty({ items, filter, pageIndex }) {
    const panel = byId("state-panel");
    if (items.length > 0) return clear(panel);
    if (filter) {
      return fill(
        panel,
        el("h2", {}, `No items with the status “${filter}”`),
        this.#panelButton("Show all items", () => this.#listing.filterBy("")),
      );
    }
    if (pageIndex > 0) {
      return fill(
        panel,
        el("h2", {}, "No items on this page any more"),
        this.#panelButton("First page", () => this.#listing.firstPage()),
      );
    }
    fill(
      panel,
      el("h2", {}, "No items yet"),
      el("p", {}, "Items you create appear here."),
      this.#panelButton("Create the first item", this.#actions.create, "primary"),
    );
  }

  #panelButton(text, run, tone = "") {
    return el("button", { type: "button", class: `button ${tone}`, on: { click: run } }, text);
  }

  /** With rows in view the failure is a notice above them, else it takes their place. */
  #renderFailure({ phase, error, items }) {
    this.#retrier.stop();
    if (phase === "ready") this.#retrier.succeeded();
    clear(byId("list-notice"));
    clear(byId("state-panel"));
    if (phase !== "failed") return;
    const wayOut = this.#wayOut(error);
    if (items.length > 0) return showFailure(byId("list-notice"), error, wayOut);
    fill(byId("state-panel"), failureText(error), wayOut);
  }

  #wayOut(error) {
    const asked = { key: "Enter the key", "sign-in": "Sign in" }[error.kind];
    if (asked) return this.#panelButton(asked, this.#actions.enter, "primary");
    if (error.kind === "invalid") {
      return this.#panelButton("First page", () => this.#listing.firstPage());
    }
    return this.#retrier.button(error, () => this.#listing.reload());
  }
}

function skeletonRow() {
  const bar = (name) => el("td", { role: "cell", class: `cell-${name}` }, el("span", { class: "bar" }));
  const cells = ["name", "status", "description", "updated", "actions"].map(bar);
  return el("tr", { role: "row", class: "skeleton", "aria-hidden": "true" }, ...cells);
}

function countOf(items) {
  return items.length === 1 ? "1 item" : `${items.length} items`;
}

function announceState({ phase, items, pageIndex }) {
  if (phase === "loading") announce("Loading items…");
  if (phase === "ready") announce(`Page ${pageIndex + 1}, ${countOf(items)}.`);
}

/** Empties a panel; the focus, when it was in there, goes to the list. */
function clear(panel) {
  if (panel.contains(document.activeElement)) byId("items").focus();
  fill(panel);
}

/** Redrawing replaces elements: the focus goes to the one that took the place. */
function keepingFocus(draw) {
  const name = document.activeElement?.dataset?.focus;
  draw();
  if (name) document.querySelector(`[data-focus="${CSS.escape(name)}"]`)?.focus();
}
