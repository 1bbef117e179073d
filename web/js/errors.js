/** What can go wrong with a request, and how to say so to a person. */

/**
 * A request that did not do what was asked.
 *
 * kind: offline, network, timeout, key, sign-in, signature, incomplete, throttled, unavailable, conflict, invalid, reused,
 * missing, server, unexpected.
 */
export class ApiError extends Error {
  constructor(kind, { status, code, message, details, requestId, retryAfterS, cause } = {}) {
    super(message ?? kind, { cause });
    this.name = "ApiError";
    Object.assign(this, { kind, status, code, details, requestId, retryAfterS });
  }

  /** Whether the service may have done what was asked, now or in an attempt before. */
  get leavesDoubt() {
    return !["key", "sign-in", "signature", "incomplete", "throttled", "invalid", "missing", "conflict"].includes(this.kind);
  }
}

const KIND_BY_STATUS = {
  400: "invalid",
  404: "missing",
  412: "conflict",
  413: "invalid",
  415: "invalid",
  422: "reused",
  429: "throttled",
  503: "unavailable",
};

/** Undefined when it is the caller's credentials that were refused. */
export function kindOf(status) {
  if (status === 401 || status === 403) return undefined;
  return KIND_BY_STATUS[status] ?? (status >= 500 ? "server" : "unexpected");
}

const TITLES = {
  offline: "You are offline",
  network: "The service cannot be reached",
  timeout: "The service took too long to answer",
  key: "An API key is needed",
  "sign-in": "You are not signed in",
  signature: "This API answers signed requests only",
  incomplete: "A part of this page is missing",
  throttled: "Too many requests just now",
  unavailable: "The service is not available just now",
  conflict: "Changed by someone else",
  invalid: "The service did not accept this",
  reused: "An earlier attempt did arrive",
  missing: "This item no longer exists",
  server: "The service had a problem",
  unexpected: "The service gave an unexpected answer",
};

const EXPLANATIONS = {
  offline: "Nothing was sent. Try again when the connection is back.",
  network: "Check the connection, or whether the service is running.",
  timeout: "It may be busy. Try again.",
  key: "Enter the key of this API to go on.",
  "sign-in": "Sign in to go on.",
  signature: "A page cannot sign its requests. Use an AWS SDK.",
  incomplete: "It could not be loaded. Reload the page.",
};

/** Title, explanation and request id of a failure, in plain words. */
export function describe(error) {
  const title = TITLES[error.kind] ?? "Something went wrong in this page";
  const text = EXPLANATIONS[error.kind] ?? error.message;
  return { title, text, requestId: error.requestId };
}

/** Messages of a 400 by the name of their field; `metadata.a[0]` belongs to `metadata`. */
export function fieldErrors(error) {
  const found = {};
  const problems = Array.isArray(error.details) ? error.details : [];
  for (const { field, reason } of problems) {
    const [name] = field.split(/[.[]/);
    found[name] = found[name] ? `${found[name]} ${reason}` : reason;
  }
  return found;
}
