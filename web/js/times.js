/** Times in the zone and language of the person, with the exact one in the title. */

import { el } from "./dom.js";

const FORMAT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function timeElement(iso) {
  const time = new Date(iso);
  const text = Number.isNaN(time.getTime()) ? String(iso ?? "") : FORMAT.format(time);
  return el("time", { datetime: iso, title: iso }, text);
}
