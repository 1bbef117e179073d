/**
 * What the deployment says about itself.
 *
 * `auth` is how callers of the API say who they are: `api_key`, `jwt`, `iam` or `none`. With `jwt`
 * there are `issuer`, `clientId` and `scope`, too. It is `unknown` when nobody answers.
 */

export async function readConfiguration() {
  try {
    const response = await fetch("config.json", { cache: "no-cache", credentials: "omit" });
    if (response.ok) return await response.json();
  } catch {
    // What follows fails as well, and says so where it can be tried again.
  }
  return { auth: "unknown" };
}
