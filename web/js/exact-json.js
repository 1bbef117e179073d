/**
 * JSON whose numbers keep every digit.
 *
 * A JavaScript number holds integers up to 2^53 only, the service holds 38 digits. Where the
 * browser offers the source text of a number, one that would not survive as a JavaScript number
 * stays a raw JSON value. Where it does not, `mayHaveLostDigits` tells, and the page refuses to
 * edit such a value rather than change it unasked.
 */

const keepsSource = typeof JSON.rawJSON === "function" && reviverGetsSource();

function reviverGetsSource() {
  let source;
  JSON.parse("1", (_key, value, context) => {
    source = context?.source;
    return value;
  });
  return source === "1";
}

export function parse(text) {
  return keepsSource ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

function keepDigits(_key, value, context) {
  if (typeof value !== "number" || String(value) === context.source) return value;
  return JSON.rawJSON(context.source);
}

export function stringify(value, indent) {
  return JSON.stringify(value, null, indent);
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isRaw(value);
}

function isRaw(value) {
  return keepsSource && JSON.isRawJSON(value);
}

/** Whether a number in the value may differ from the text it was parsed from. */
export function mayHaveLostDigits(value) {
  if (keepsSource) return false;
  if (typeof value === "number") return !isFaithful(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(mayHaveLostDigits);
}

function isFaithful(number) {
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}

/** Text that is the same for equal values, whatever the order of their members. */
export function canonical(value) {
  return stringify(sorted(value));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}
