/**
 * Signing in at an OpenID Connect provider: authorization code flow with PKCE, no client secret.
 *
 * Sources: OpenID Connect Core 1.0, 3.1; OpenID Connect Discovery 1.0; RFC 7636; RFC 9207; OpenID
 * Connect RP-Initiated Logout 1.0.
 */

const PENDING = "cloudworthy.sign-in";

export class SignInError extends Error {
  name = "SignInError";
}

export class SignIn {
  #issuer;
  #clientId;
  #scope;

  constructor({ issuer, clientId, scope }) {
    this.#issuer = issuer;
    this.#clientId = clientId;
    this.#scope = scope;
  }

  /** Leaves the page for the provider's. */
  async begin() {
    const { authorization_endpoint: endpoint } = await this.#provider();
    const pending = { state: randomText(), nonce: randomText(), verifier: randomText() };
    sessionStorage.setItem(PENDING, JSON.stringify(pending));
    leaveFor(endpoint, {
      response_type: "code",
      client_id: this.#clientId,
      redirect_uri: pageAddress(),
      scope: this.#scope,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await challengeOf(pending.verifier),
      code_challenge_method: "S256",
    });
  }

  /**
   * Takes the provider's answer out of the address bar and exchanges the code in it.
   *
   * Resolves to the access token, or to null when there is no answer in the address.
   */
  async complete() {
    const answer = new URLSearchParams(location.search);
    if (!answer.has("state") || !(answer.has("code") || answer.has("error"))) return null;
    history.replaceState(history.state, "", location.pathname);
    const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "null");
    sessionStorage.removeItem(PENDING);
    if (pending?.state !== answer.get("state")) {
      throw new SignInError("The answer does not belong to a sign-in of this tab.");
    }
    if (answer.has("iss") && answer.get("iss") !== this.#issuer) {
      throw new SignInError("The answer comes from another provider.");
    }
    if (answer.has("error")) {
      throw new SignInError(answer.get("error_description") ?? answer.get("error"));
    }
    return this.#exchange(answer.get("code"), pending);
  }

  /** Leaves the page for the provider's, which ends its session; answers whether there is one. */
  async end() {
    const { end_session_endpoint: endpoint } = await this.#provider();
    if (!endpoint) return false;
    leaveFor(endpoint, {
      client_id: this.#clientId,
      post_logout_redirect_uri: pageAddress(),
      logout_uri: pageAddress(), // Cognito's own name for it
    });
    return true;
  }

  async #exchange(code, { verifier, nonce }) {
    const { token_endpoint: endpoint } = await this.#provider();
    const answer = await json(endpoint, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code",
        client_id: this.#clientId,
        redirect_uri: pageAddress(),
        code,
        code_verifier: verifier,
      }),
    });
    this.#check(claimsOf(answer.id_token), nonce);
    if (typeof answer.access_token !== "string") throw new SignInError("There is no access token.");
    return answer.access_token;
  }

  /** It came from the provider itself, over TLS: its signature needs no look (Core, 3.1.3.7). */
  #check(claims, nonce) {
    const audience = [claims.aud].flat();
    const isOurs = claims.iss === this.#issuer && audience.includes(this.#clientId);
    if (!isOurs || claims.nonce !== nonce) {
      throw new SignInError("The provider's answer does not belong to this sign-in.");
    }
  }

  async #provider() {
    const address = `${this.#issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const provider = await json(address);
    if (provider.issuer !== this.#issuer) {
      throw new SignInError("The provider says that it is another one.");
    }
    return provider;
  }
}

function pageAddress() {
  return location.origin + location.pathname;
}

function leaveFor(endpoint, parameters) {
  const address = new URL(endpoint);
  if (!["https:", "http:"].includes(address.protocol)) throw new SignInError("No web address.");
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  location.assign(address);
}

async function json(address, request = {}) {
  let response;
  try {
    response = await fetch(address, { ...request, credentials: "omit", cache: "no-store" });
  } catch (cause) {
    throw new SignInError("The provider cannot be reached.", { cause });
  }
  const document = await response.json().catch(() => ({}));
  if (response.ok) return document;
  throw new SignInError(
    document.error_description ?? document.error ?? `It answered with status ${response.status}.`,
  );
}

function claimsOf(idToken) {
  try {
    const bytes = Uint8Array.from(atob(fromUrlSafe(idToken.split(".")[1])), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new SignInError("There is no id token.", { cause });
  }
}

async function challengeOf(verifier) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return urlSafe(new Uint8Array(digest));
}

function randomText() {
  return urlSafe(crypto.getRandomValues(new Uint8Array(32)));
}

function urlSafe(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromUrlSafe(text) {
  return text.replaceAll("-", "+").replaceAll("_", "/");
}
