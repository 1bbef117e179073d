/** Runs requests; one that is refused for its key asks for a key and runs again. */
export class KeyGate {
  #keyring;
  #ask;
  #asking = null;

  /** @param {(reason: "missing"|"refused") => Promise<boolean>} ask whether a key was given */
  constructor(keyring, ask) {
    this.#keyring = keyring;
    this.#ask = ask;
  }

  async run(request) {
    for (;;) {
      const used = this.#keyring.key;
      try {
        return await request();
      } catch (error) {
        if (error.kind !== "key" || !(await this.#another(used))) throw error;
      }
    }
  }

  /** Whether there is another key to try; requests refused together ask once. */
  async #another(used) {
    if (this.#keyring.key && this.#keyring.key !== used) return true;
    this.#asking ??= this.#ask(used ? "refused" : "missing").finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }
}
