/** The items API: one method an operation, every failure an ApiError. */

import { ApiError, kindOf } from "./errors.js";
import * as exactJson from "./exact-json.js";

// The gateway gives up after 29 seconds; an answer later than this will not come.
const ANSWER_WITHIN_MS = 35_000;

export class ItemsApi {
  #access;

  constructor(access) {
    this.#access = access;
  }

  /** One page: `{items, count, lastKey?}`. */
  list({ status, limit, lastKey, signal }) {
    const query = new URLSearchParams({ limit });
    if (status) query.set("status", status);
    if (lastKey) query.set("lastKey", lastKey);
    return this.#send("GET", `/items?${query}`, { signal });
  }

  get(itemId) {
    return this.#send("GET", pathOf(itemId));
  }

  create(values, idempotencyKey) {
    return this.#send("POST", "/items", {
      values,
      headers: { "Idempotency-Key": idempotencyKey },
    });
  }

  /** Writes some fields of an item, provided that it still has the version. */
  update(itemId, version, values) {
    return this.#send("PUT", pathOf(itemId), { values, headers: { "If-Match": `"${version}"` } });
  }

  /** Deletes an item, provided that it still has the version. */
  remove(itemId, version) {
    return this.#send("DELETE", pathOf(itemId), { headers: { "If-Match": `"${version}"` } });
  }

  async #send(method, path, { values, headers = {}, signal } = {}) {
    const { kind, headers: shown } = this.#access.credentials;
    const request = { method, headers: { Accept: "application/json", ...headers, ...shown } };
    if (values !== undefined) {
      request.headers["Content-Type"] = "application/json";
      request.body = exactJson.stringify(values);
    }
    return read(await answer(path, request, signal), kind);
  }
}

function pathOf(itemId) {
  return `/items/${encodeURIComponent(itemId)}`;
}

async function answer(path, request, signal) {
  const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const response = await fetch(path, {
      ...request,
      signal: either,
      cache: "no-store",
      credentials: "omit",
    });
    return { response, text: await response.text() };
  } catch (cause) {
    if (signal?.aborted) throw cause;
    if (timeout.aborted) throw new ApiError("timeout", { cause });
    throw new ApiError(navigator.onLine ? "network" : "offline", { cause });
  }
}

function read({ response, text }, refusedAs) {
  const body = parsed(text);
  if (response.ok && (body !== undefined || text === "")) return body;
  if (response.ok) {
    throw new ApiError("unexpected", { status: response.status, message: "It is not JSON." });
  }
  const { code, message, details, request_id: requestId } = body?.error ?? {};
  throw new ApiError(kindOf(response.status) ?? refusedAs, {
    status: response.status,
    code,
    message: message ?? `It answered with status ${response.status}.`,
    details,
    requestId,
    retryAfterS: secondsOf(response.headers.get("Retry-After")),
  });
}

function parsed(text) {
  try {
    return exactJson.parse(text);
  } catch {
    return undefined;
  }
}

/** Retry-After is a number of seconds or a date (RFC 9110, 10.2.3). */
function secondsOf(retryAfter) {
  if (!retryAfter) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter);
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}
