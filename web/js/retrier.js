/** Trying again what failed. */

import { countDown } from "./countdown.js";
import { el } from "./dom.js";

const WAIT_WITHOUT_RETRY_AFTER_S = 5;
const BY_ITSELF_IN_A_ROW = 5;

export class Retrier {
  #byItself = 0;
  #stopCountdown = () => {};

  /** Ends a countdown that is under way. */
  stop() {
    this.#stopCountdown();
    this.#stopCountdown = () => {};
  }

  succeeded() {
    this.stop();
    this.#byItself = 0;
  }

  /**
   * A button that tries again when pressed; or by itself, after the time the service asked for
   * and a few times in a row.
   *
   * @param {() => boolean} mayRetryItself asked when that time is over; else the button waits
   */
  button(error, retry, mayRetryItself = () => true) {
    this.stop();
    const button = el(
      "button",
      { type: "button", class: "button", on: { click: retry } },
      "Try again",
    );
    if (error.kind === "throttled" || error.retryAfterS !== undefined) {
      this.#wait(error, button, () => mayRetryItself() && retry());
    }
    return button;
  }

  #wait(error, button, retry) {
    const isLast = this.#byItself >= BY_ITSELF_IN_A_ROW;
    button.disabled = true;
    this.#stopCountdown = countDown(
      error.retryAfterS ?? WAIT_WITHOUT_RETRY_AFTER_S,
      (left) => {
        button.textContent = isLast ? `Try again in ${left} s` : `Trying again in ${left} s`;
      },
      () => {
        button.disabled = false;
        button.textContent = "Try again";
        if (isLast) return;
        this.#byItself += 1;
        retry();
      },
    );
  }
}
