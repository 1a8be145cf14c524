// An independent OpenID Connect provider (npm oidc-provider, certified) that signs in whoever comes, for one client: ada, or
// whom the cookie `sign-in-as` names. It prints its issuer and its keys as one line of JSON, and answers until its standard
// input ends.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { TOOLS, REDIRECT_URI, AUDIENCE } = process.env;
const require = createRequire(join(TOOLS, "package.json"));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

// Administrators whose tokens are not as the console needs them.
const UNUSUAL = {
  "no-account": { claims: {} },
  "no-scope": { refused: true },
  "large-token": { claims: { account_id: "CONTOSO", groups: Array.from({ length: 400 }, () => crypto.randomUUID()) } },
  "short-session": { seconds: 2 },
};
const USUAL = { claims: { account_id: "CONTOSO" }, seconds: 3600 };
const administrator = (name) => ({ ...USUAL, ...UNUSUAL[name] });

const scopes = ["openid", "port-out-pin:read", "port-out-pin:write", "port-protection:write"];
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...pair.privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "signing" };
const publicKey = { ...pair.publicKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "signing" };

const server = createServer((request, response) => answer(request, response));
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const api = { scope: scopes.join(" "), audience: AUDIENCE, accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } };
const provider = new Provider(issuer, {
  clients: [{
    client_id: "console",
    token_endpoint_auth_method: "none",
    redirect_uris: [REDIRECT_URI],
    response_types: ["code"],
    grant_types: ["authorization_code"],
  }],
  scopes,
  jwks: { keys: [key] },
  cookies: { keys: ["of this run"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  extraTokenClaims: (_, token) => administrator(token.accountId).claims,
  ttl: { AccessToken: (_, token) => administrator(token.accountId).seconds },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => AUDIENCE,
      getResourceServerInfo: () => api,
      useGrantedResource: () => true,
    },
  },
});

async function answer(request, response) {
  if (!request.url.startsWith("/interaction/")) return provider.callback()(request, response);
  const { params } = await provider.interactionDetails(request, response);
  const accountId = /\bsign-in-as=([a-z-]+)/.exec(request.headers.cookie)?.[1] ?? "ada";
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  if (administrator(accountId).refused) grant.rejectResourceScope(AUDIENCE, params.scope);
  else grant.addResourceScope(AUDIENCE, params.scope);
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { login: { accountId }, consent });
}

console.log(JSON.stringify({ issuer, jwks: { keys: [publicKey] } }));
process.stdin.resume().on("end", () => process.exit());
