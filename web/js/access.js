/** How this page gets at what the API asks for: a key, a sign-in, or nothing. */

import { readConfiguration } from "./configuration.js";
import { KeyDialog } from "./dialogs/key-dialog.js";
import { SignInDialog } from "./dialogs/sign-in-dialog.js";
import { byId } from "./dom.js";
import { SignIn } from "./sign-in.js";
import { Tokens } from "./tokens.js";

/** The way that the deployment's configuration names; `ready` resolves when it can be used. */
export class Access {
  #way;

  /** @param {() => void} changed there are other credentials */
  constructor(keyring, changed) {
    this.ready = this.#open(keyring, changed);
  }

  /** `kind` (of the error when they are refused), `key` and `headers`. */
  get credentials() {
    return this.#way.credentials;
  }

  /**
   * Asks the person.
   *
   * @param {"missing"|"refused"} reason
   * @returns {Promise<boolean>} whether there are other credentials to try
   */
  ask(reason) {
    return this.#way.ask(reason);
  }

  async #open(keyring, changed) {
    this.#way = wayOf(await readConfiguration(), keyring);
    await this.#way.start(changed);
  }
}

function wayOf(configuration, keyring) {
  if (configuration.auth === "api_key") return new ByKey(keyring);
  if (configuration.auth === "jwt") return new BySignIn(new SignIn(configuration));
  return new ByNothing(configuration.auth === "unknown" ? "incomplete" : "signature");
}

class ByKey {
  #dialog;

  constructor(keyring) {
    this.credentials = keyring;
    this.#dialog = new KeyDialog(keyring);
  }

  ask(reason) {
    return this.#dialog.ask(reason);
  }

  async start(changed) {
    byId("open-key").hidden = false;
    byId("open-key").addEventListener("click", async () => {
      if (await this.#dialog.ask("change")) changed();
    });
    window.addEventListener("hashchange", () => {
      if (!this.credentials.takeFromAddress()) return;
      this.#dialog.closeWithKey();
      changed();
    });
  }
}

class BySignIn {
  credentials = new Tokens();
  #signIn;
  #dialog;
  #problem = "";

  constructor(signIn) {
    this.#signIn = signIn;
    this.#dialog = new SignInDialog(() => signIn.begin());
  }

  ask(reason) {
    const problem = this.#problem;
    this.#problem = "";
    return this.#dialog.ask(problem ? "failed" : reason, problem);
  }

  async start() {
    byId("sign-out").addEventListener("click", () => this.#leave());
    try {
      const token = await this.#signIn.complete();
      if (token) this.credentials.key = token;
    } catch (error) {
      this.credentials.forget();
      this.#problem = error.message;
    }
    byId("sign-out").hidden = !this.credentials.key;
  }

  /** What the tab knows is forgotten even when the provider does not answer. */
  async #leave() {
    this.credentials.forget();
    byId("sign-out").hidden = true;
    const leaves = await this.#signIn.end().catch(() => false);
    if (!leaves) location.reload();
  }
}

/** Open to all, or to signed requests, which a page cannot make. */
class ByNothing {
  constructor(kind) {
    this.credentials = { kind, key: null, headers: {} };
  }

  async ask() {
    return false;
  }

  async start() {}
}
