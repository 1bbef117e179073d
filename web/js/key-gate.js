/** Runs requests; one that is refused for its credentials asks for others and runs again. */
export class KeyGate {
  #access;
  #asking = null;

  constructor(access) {
    this.#access = access;
  }

  async run(request) {
    await this.#access.ready;
    for (;;) {
      const used = this.#access.credentials.key;
      try {
        return await request();
      } catch (error) {
        if (error.kind !== this.#access.credentials.kind || !(await this.#another(used))) throw error;
      }
    }
  }

  /** Whether there is another key to try; requests refused together ask once. */
  async #another(used) {
    const { key } = this.#access.credentials;
    if (key && key !== used) return true;
    this.#asking ??= this.#access.ask(used ? "refused" : "missing").finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }
}
