/** The access token of this tab: in the session storage of the tab and nowhere else. */

const STORED_AS = "cloudworthy.access-token";

export class Tokens {
  /** How a request is refused that has no token, or one that is not good. */
  kind = "sign-in";

  get key() {
    return sessionStorage.getItem(STORED_AS);
  }

  set key(token) {
    sessionStorage.setItem(STORED_AS, token);
  }

  get headers() {
    return this.key ? { Authorization: `Bearer ${this.key}` } : {};
  }

  forget() {
    sessionStorage.removeItem(STORED_AS);
  }
}
