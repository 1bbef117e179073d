/** Building and finding elements. Text goes in as text: nothing here parses markup. */

export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element with the id ${id}`);
  return found;
}

/**
 * A new element.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} attributes `on` is a map of listeners, `data` of data attributes;
 *   `true` sets an attribute without value, `false`, `null` and `undefined` leave it out.
 * @param {...(Node|string|null|undefined)} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  const { on = {}, data = {}, ...rest } = attributes;
  for (const [name, value] of Object.entries(rest)) setAttribute(element, name, value);
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  Object.assign(element.dataset, data);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function setAttribute(element, name, value) {
  if (value === false || value === null || value === undefined) return;
  element.setAttribute(name, value === true ? "" : String(value));
}

/** Unlike `disabled` this keeps the focus on a button whose turn is over. */
export function setUnavailable(button, unavailable) {
  button.setAttribute("aria-disabled", String(unavailable));
}

export function isUnavailable(button) {
  return button.getAttribute("aria-disabled") === "true";
}

/** Shows an element with the given children, or hides it when there are none. */
export function fill(element, ...children) {
  const present = children.filter((child) => child !== null && child !== undefined && child !== "");
  element.replaceChildren(...present);
  element.hidden = present.length === 0;
}
