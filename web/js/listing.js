/** The page of items in view: loads it, turns it, and follows what dialogs change. */

import { ApiError } from "./errors.js";

const USUAL_STATUSES = ["pending", "active", "done"];
const SEEN_STATUSES_AT_MOST = 8;

export const INITIAL_LIST = Object.freeze({
  phase: "loading", // loading, ready or failed
  items: [],
  filter: "",
  pageSize: 20,
  tokens: [null], // tokens[n] starts page n; the first page needs none
  pageIndex: 0,
  hasMore: false,
  error: null,
  freshId: null,
  seenStatuses: USUAL_STATUSES,
});

export class Listing {
  #store;
  #api;
  #gate;
  #running = null;

  constructor(store, api, gate) {
    this.#store = store;
    this.#api = api;
    this.#gate = gate;
  }

  reload() {
    return this.#load(this.#store.state.pageIndex);
  }

  firstPage() {
    this.#store.update({ tokens: [null], items: [], pageIndex: 0, hasMore: false });
    return this.#load(0);
  }

  nextPage() {
    const { hasMore, pageIndex, phase } = this.#store.state;
    return hasMore && phase !== "loading" ? this.#load(pageIndex + 1) : Promise.resolve();
  }

  previousPage() {
    const { pageIndex, phase } = this.#store.state;
    return pageIndex > 0 && phase !== "loading" ? this.#load(pageIndex - 1) : Promise.resolve();
  }

  filterBy(status) {
    this.#remember(status);
    this.#store.update({ filter: status });
    return this.firstPage();
  }

  setPageSize(pageSize) {
    this.#store.update({ pageSize });
    return this.firstPage();
  }

  /** Takes a stored item in: in its row when it has one, else on top when the filter admits it. */
  show(item) {
    const { items, filter } = this.#store.state;
    const isListed = items.some((other) => other.item_id === item.item_id);
    const admitted = isListed || !filter || item.status === filter;
    this.#see([item.status]);
    if (admitted) {
      const kept = isListed
        ? items.map((other) => (other.item_id === item.item_id ? item : other))
        : [item, ...items];
      this.#store.update({ items: kept, freshId: item.item_id });
    }
    return admitted;
  }

  /** Takes an item out; an emptied page is left or filled again. */
  async forget(itemId) {
    const items = this.#store.state.items.filter((item) => item.item_id !== itemId);
    this.#store.update({ items });
    const { pageIndex, hasMore } = this.#store.state;
    if (items.length > 0) return;
    if (hasMore) await this.reload();
    else if (pageIndex > 0) await this.previousPage();
  }

  async #load(pageIndex) {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#store.update({ phase: "loading", error: null, freshId: null });
    try {
      const page = await this.#gate.run(() => this.#request(pageIndex, running.signal));
      if (this.#running === running) this.#arrived(pageIndex, page);
    } catch (error) {
      if (this.#running !== running) return;
      if (!(error instanceof ApiError)) throw error;
      this.#store.update({ phase: "failed", error });
    }
  }

  #request(pageIndex, signal) {
    const { filter, pageSize, tokens } = this.#store.state;
    return this.#api.list({ status: filter, limit: pageSize, lastKey: tokens[pageIndex], signal });
  }

  #arrived(pageIndex, page) {
    const tokens = this.#store.state.tokens.slice(0, pageIndex + 1);
    if (page.lastKey) tokens.push(page.lastKey);
    this.#see(page.items.map((item) => item.status));
    this.#store.update({
      phase: "ready",
      items: page.items,
      tokens,
      pageIndex,
      hasMore: Boolean(page.lastKey),
    });
  }

  /** Offers the statuses of items as filters, as far as there is room. */
  #see(statuses) {
    const { seenStatuses } = this.#store.state;
    const all = new Set([...seenStatuses, ...statuses.filter(Boolean)]);
    if (all.size === seenStatuses.length) return;
    this.#store.update({ seenStatuses: [...all].slice(0, SEEN_STATUSES_AT_MOST) });
  }

  /** Offers a status the person asked for, even when another has to make room. */
  #remember(status) {
    const { seenStatuses } = this.#store.state;
    if (!status || seenStatuses.includes(status)) return;
    const all = [...USUAL_STATUSES, status, ...seenStatuses.slice(USUAL_STATUSES.length)];
    this.#store.update({ seenStatuses: all.slice(0, SEEN_STATUSES_AT_MOST) });
  }
}
