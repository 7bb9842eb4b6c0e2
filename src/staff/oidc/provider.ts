/**
 * The provider's own identity provider: OpenID Connect Core 1.0, by the authorization code flow with PKCE (RFC 7636).
 *
 * Invariants: nothing is asked of it before somebody presses the button, so nothing waits for it at a start. What it says of
 * itself is kept, and serves on while it cannot be asked again; its keys are asked for anew when a token names one that is
 * not known. Only signatures by its private key count: no `none`, and no HMAC, whose key anybody could take its public one
 * to be. Issuer, audience, expiry, nonce and state are the library's to check, the signature too, though the code flow would
 * do without (3.1.3.7, 6): it is the one thing that an intruder between us and a token endpoint cannot make.
 */
import * as client from 'openid-client';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { createCall } from './call.ts';
import type { Claims, Refused } from './claims.ts';

export type ProviderSettings = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: { reveal(): string };
  readonly scopes: readonly string[];
  readonly require: { readonly acr?: readonly string[] | undefined };
  readonly ca?: string | undefined;
};

/** What the browser keeps, sealed, until it is sent back. */
export type Begun = { readonly state: string; readonly nonce: string; readonly verifier: string };

export type Provider = {
  /** Where the browser goes. @throws CausewayError `unavailable` */
  begin(redirectUri: string): Promise<{ readonly url: string; readonly begun: Begun }>;
  /** @param at where the browser was sent back to, as the identity provider knows it, with all that came */
  finish(at: URL, begun: Begun): Promise<{ readonly claims: Claims; /** Where its sessions can be ended: by this. */ readonly idToken?: string } | Refused>;
  /**
   * Where the browser ends its session there (OpenID Connect RP-Initiated Logout 1.0). Undefined: it has no such place, or does not answer.
   * @param back where it is sent from there, as the identity provider knows it
   */
  leave(idToken: string | undefined, back: string): Promise<string | undefined>;
};

/** RFC 7518 and 8037, without HMAC and `none`. */
const SIGNATURES = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
/** A page waits for it; it answers in milliseconds. */
const ANSWER_MS = 5_000;
/** What it says of itself changes with its releases. */
const KEPT_MS = 3_600_000;
/** It was not there: who asks meanwhile is told so at once, and seventy technicians are no storm. */
const PAUSE_MS = 5_000;
/** Clocks differ by so much. */
const SKEW_S = 30;

export function createProvider({ issuer, clientId, clientSecret, scopes, require, ca }: ProviderSettings, clock: Pick<Clock, 'monotonic'>, answerMs = ANSWER_MS): Provider {
  // The configuration allows it on a network of the provider's own only.
  const isInClear = issuer.startsWith('http:');
  const call = createCall(ca) as client.CustomFetch;
  let known: { readonly server: client.Configuration; readonly at: number } | undefined;
  let asking: Promise<client.Configuration> | undefined;
  let failed: { readonly error: unknown; readonly at: number } | undefined;

  async function discover(): Promise<client.Configuration> {
    const found = await client.discovery(new URL(issuer), clientId, undefined, client.None(), { timeout: answerMs / 1_000, [client.customFetch]: call, execute: isInClear ? [client.allowInsecureRequests] : [] });
    const says: client.ServerMetadata = found.serverMetadata();
    // The library lets Microsoft's common address speak for any tenant.
    if (says.issuer.replace(/\/$/, '') !== issuer.replace(/\/$/, '')) throw new Error(`it calls itself ${says.issuer.slice(0, 200)}`);
    const signatures = (says.id_token_signing_alg_values_supported ?? ['RS256']).filter((each) => SIGNATURES.includes(each));
    const isPost = says.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
    const secret = clientSecret.reveal();
    const server = new client.Configuration({ ...says, id_token_signing_alg_values_supported: signatures }, clientId, { [client.clockTolerance]: SKEW_S }, isPost ? client.ClientSecretPost(secret) : client.ClientSecretBasic(secret));
    server[client.customFetch] = call;
    server.timeout = answerMs / 1_000;
    if (isInClear) client.allowInsecureRequests(server);
    client.enableNonRepudiationChecks(server);
    return server;
  }

  function ask(): Promise<client.Configuration> {
    asking ??= discover()
      .then(
        (server) => {
          [known, failed] = [{ server, at: clock.monotonic() }, undefined];
          return server;
        },
        (error: unknown) => {
          failed = { error, at: clock.monotonic() };
          throw error;
        },
      )
      .finally(() => (asking = undefined));
    return asking;
  }

  async function reached(): Promise<client.Configuration> {
    const now = clock.monotonic();
    const isPaused = failed !== undefined && now - failed.at < PAUSE_MS;
    if (known !== undefined) {
      if (now - known.at > KEPT_MS && !isPaused) void ask().catch(() => {});
      return known.server;
    }
    if (isPaused) throw failed!.error;
    return ask();
  }

  return {
    async begin(redirectUri) {
      try {
        const at = await reached();
        const begun = { state: client.randomState(), nonce: client.randomNonce(), verifier: client.randomPKCECodeVerifier() };
        const url = client.buildAuthorizationUrl(at, {
          redirect_uri: redirectUri,
          scope: ['openid', ...scopes.filter((each) => each !== 'openid')].join(' '),
          state: begun.state,
          nonce: begun.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
          code_challenge_method: 'S256',
          ...(require.acr === undefined ? {} : { acr_values: require.acr.join(' ') }),
        });
        return { url: url.href, begun };
      } catch (cause) {
        throw new CausewayError('unavailable', `the identity provider cannot be asked: ${told(cause)}`, { place: issuer, cause, remedy: 'See that staff.oidc.issuer is what it calls itself, and that this machine reaches it.' });
      }
    },

    async finish(at, { state, nonce, verifier }) {
      try {
        const server = await reached();
        const tokens = await client.authorizationCodeGrant(server, at, { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true });
        return { claims: tokens.claims()!, ...(endsSessions(server) && tokens.id_token !== undefined ? { idToken: tokens.id_token } : {}) };
      } catch (error) {
        return { refusal: refusalOf(error), why: told(error) };
      }
    },

    async leave(idToken, back) {
      try {
        const server = await reached();
        if (!endsSessions(server)) return undefined;
        return client.buildEndSessionUrl(server, { post_logout_redirect_uri: back, ...(idToken === undefined ? {} : { id_token_hint: idToken }) }).href;
      } catch {
        // Whoever signs out here has signed out here.
        return undefined;
      }
    },
  };
}

const endsSessions = (server: client.Configuration): boolean => server.serverMetadata().end_session_endpoint !== undefined;

/** Answers of its own that say that it cannot at the moment (RFC 6749, 4.1.2.1), or that it does not know us (5.2). */
const NOT_NOW = ['server_error', 'temporarily_unavailable', 'invalid_client', 'unauthorized_client'];
/** No answer, or none that can be read. */
const NO_ANSWER = ['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_PARSE_ERROR'];

function refusalOf(error: unknown): Refused['refusal'] {
  if (error instanceof client.AuthorizationResponseError) return NOT_NOW.includes(error.error) ? 'unavailable' : 'declined';
  // A code that served already, or waited too long.
  if (error instanceof client.ResponseBodyError) return error.error === 'invalid_grant' ? 'too-late' : 'unavailable';
  if (error instanceof client.WWWAuthenticateChallengeError) return 'unavailable';
  if (error instanceof client.ClientError && error.code !== undefined) return NO_ANSWER.includes(error.code) ? 'unavailable' : 'mistrusted';
  return 'unavailable';
}

/** The library's words and the word of the protocol; what the identity provider says in prose may hold anything. */
function told(error: unknown): string {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) return `it answers ${/^[a-z_]{1,60}$/.test(error.error) ? error.error : 'an error'}`;
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${messageOf(error)}${cause}`.slice(0, 300);
}
