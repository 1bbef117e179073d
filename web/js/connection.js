/** The bar that says the browser is offline. */

import { byId, fill } from "./dom.js";

/** @param {() => void} backOnline */
export function watchConnection(backOnline) {
  const show = () => {
    const text = "You are offline. You can go on typing: nothing is lost, and nothing is sent.";
    fill(byId("offline-bar"), navigator.onLine ? "" : text);
  };
  window.addEventListener("offline", show);
  window.addEventListener("online", () => {
    show();
    backOnline();
  });
  show();
}
