/**
 * The API key of this tab.
 *
 * It arrives in the fragment of a link (`#key=...`), which browsers never send to a server, or is
 * typed. It is kept in the session storage of the tab and nowhere else.
 */

const STORED_AS = "cloudworthy.api-key";
const SENDABLE = /^[\x21-\x7e]+$/;

export class Keyring {
  /** How a request is refused that has no key, or one that is not good. */
  kind = "key";

  get key() {
    return sessionStorage.getItem(STORED_AS);
  }

  set key(value) {
    sessionStorage.setItem(STORED_AS, value);
  }

  get headers() {
    return this.key ? { "x-api-key": this.key } : {};
  }

  forget() {
    sessionStorage.removeItem(STORED_AS);
  }

  /** Takes the key out of the address bar. Answers whether there was one. */
  takeFromAddress() {
    const match = /^#key=(.+)$/.exec(location.hash);
    if (!match) return false;
    history.replaceState(history.state, "", location.pathname + location.search);
    const key = decoded(match[1]).trim();
    if (isSendable(key)) this.key = key;
    return isSendable(key);
  }
}

/** Whether the text can be the value of a request header. */
export function isSendable(key) {
  return SENDABLE.test(key);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
