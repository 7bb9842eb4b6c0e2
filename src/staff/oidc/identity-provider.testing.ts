/**
 * A small OpenID Connect provider on loopback, for tests: it signs in at once whoever `person` is, and can be made to err.
 *
 * Invariant: where it is not told to err it is strict: a code serves once, with its verifier, its address and the client's
 * secret.
 */
import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Claims = Record<string, unknown>;
/** `slow`: no answer at all. */
type Trouble = 'slow' | 'broken' | 'garbage' | 'redirect' | 'endless';

export type IdentityProvider = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whom it signs in. */
  person: Claims;
  /** It says that a browser's session there can be ended, and how often it was, for whom. */
  endsSessions: boolean;
  readonly left: unknown[];
  /** What it does wrong. */
  err: {
    discovery?: Trouble | undefined;
    token?: Trouble | undefined;
    keys?: Trouble | undefined;
    /** Of its description of itself. */
    says?: Claims;
    claims?: (right: Claims) => Claims;
    alg?: 'none' | 'HS256' | 'a stranger';
    /** It says no. */
    answers?: string;
    /** Codes serve again. */
    codesStay?: boolean;
  };
  readonly asked: { discovery: number; token: number; keys: number };
  /** A new key; the old one is gone. */
  rotate(): void;
  /** As a browser does: from where we send it to where it is sent back. */
  follow(url: string): Promise<string>;
  close(): Promise<void>;
};

const b64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function openIdentityProvider(): Promise<IdentityProvider> {
  const [clientId, clientSecret] = ['causeway', `secret ${randomUUID()}`];
  const codes = new Map<string, { challenge: string; redirect: string; nonce: string }>();
  let key = newKey();

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/isp`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, issuer);
    const json = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    switch (url.pathname.slice('/realms/isp'.length)) {
      case '/.well-known/openid-configuration':
        idp.asked.discovery += 1;
        if (trouble(idp.err.discovery, response)) return;
        return json(200, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          // As Keycloak says it, HMAC and all.
          id_token_signing_alg_values_supported: ['HS256', 'none', 'RS256'],
          token_endpoint_auth_methods_supported: ['client_secret_basic'],
          authorization_response_iss_parameter_supported: true,
          code_challenge_methods_supported: ['S256'],
          ...(idp.endsSessions ? { end_session_endpoint: `${issuer}/logout` } : {}),
          ...idp.err.says,
        });
      case '/authorize': {
        const asked = url.searchParams;
        const back = new URL(asked.get('redirect_uri')!);
        if (asked.get('client_id') !== clientId || asked.get('code_challenge_method') !== 'S256' || !asked.get('scope')!.split(' ').includes('openid')) return json(400, {});
        back.searchParams.set('state', asked.get('state')!);
        back.searchParams.set('iss', issuer);
        if (idp.err.answers !== undefined) back.searchParams.set('error', idp.err.answers);
        else {
          const code = randomUUID();
          codes.set(code, { challenge: asked.get('code_challenge')!, redirect: asked.get('redirect_uri')!, nonce: asked.get('nonce')! });
          back.searchParams.set('code', code);
        }
        return void response.writeHead(302, { location: back.href }).end();
      }
      case '/token': {
        idp.asked.token += 1;
        if (trouble(idp.err.token, response)) return;
        const form = new URLSearchParams(await text(request));
        // Each half is form-encoded (RFC 6749, 2.3.1).
        const halves = Buffer.from(request.headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString().split(':').map((each) => new URLSearchParams(`x=${each}`).get('x'));
        if (halves[0] !== clientId || halves[1] !== clientSecret) return json(401, { error: 'invalid_client' });
        const code = codes.get(form.get('code') ?? '');
        if (idp.err.codesStay !== true) codes.delete(form.get('code') ?? '');
        const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
        if (code === undefined || code.redirect !== form.get('redirect_uri') || code.challenge !== challenge) return json(400, { error: 'invalid_grant' });
        const now = Math.floor(Date.now() / 1_000);
        const claims: Claims = { iss: issuer, aud: clientId, iat: now, exp: now + 300, nonce: code.nonce, ...idp.person };
        return json(200, { access_token: 'unused', token_type: 'Bearer', expires_in: 300, id_token: signed(idp.err.claims?.(claims) ?? claims) });
      }
      case '/logout': {
        // As Keycloak does: with a token of its own it asks nobody.
        const [unsigned, signature] = [/^(.+)\.([^.]+)$/.exec(url.searchParams.get('id_token_hint') ?? '')?.[1] ?? '', url.searchParams.get('id_token_hint')?.split('.').at(-1) ?? ''];
        if (!verify('sha256', Buffer.from(unsigned), key.publicKey, Buffer.from(signature, 'base64url'))) return json(400, { error: 'the token is not ours' });
        idp.left.push((JSON.parse(Buffer.from(unsigned.split('.')[1]!, 'base64url').toString()) as Claims)['sub']);
        return void response.writeHead(302, { location: url.searchParams.get('post_logout_redirect_uri')! }).end();
      }
      case '/keys':
        idp.asked.keys += 1;
        if (trouble(idp.err.keys, response)) return;
        return json(200, { keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: key.kid, use: 'sig', alg: 'RS256' }] });
      default:
        return json(404, {});
    }
  }

  function signed(claims: Claims): string {
    const { alg = 'RS256' } = idp.err;
    const unsigned = `${b64({ alg: alg === 'a stranger' ? 'RS256' : alg, kid: key.kid, typ: 'JWT' })}.${b64(claims)}`;
    if (alg === 'none') return `${unsigned}.`;
    // Who takes the public key for a shared secret takes this for signed (CVE-2015-9256 and its like).
    if (alg === 'HS256') return `${unsigned}.${createHmac('sha256', key.publicKey.export({ type: 'spki', format: 'pem' })).update(unsigned).digest('base64url')}`;
    return `${unsigned}.${sign('sha256', Buffer.from(unsigned), alg === 'a stranger' ? newKey().privateKey : key.privateKey).toString('base64url')}`;
  }

  const idp: IdentityProvider = {
    issuer,
    clientId,
    clientSecret,
    person: { sub: randomUUID(), preferred_username: 'maria', groups: ['helpers'] },
    endsSessions: false,
    left: [],
    err: {},
    asked: { discovery: 0, token: 0, keys: 0 },
    rotate: () => void (key = newKey()),
    async follow(url) {
      const answer = await fetch(url, { redirect: 'manual' });
      return answer.headers.get('location') ?? `status ${answer.status}`;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return idp;
}

function newKey(): { privateKey: KeyObject; publicKey: KeyObject; kid: string } {
  return { ...generateKeyPairSync('rsa', { modulusLength: 2048 }), kid: randomUUID() };
}

/** Whether it had any: then it has answered, or never will. */
function trouble(which: Trouble | undefined, response: ServerResponse): boolean {
  switch (which) {
    case 'slow':
      break;
    case 'broken':
      response.writeHead(500).end('<h1>Sorry</h1>');
      break;
    case 'garbage':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id_token": <!doctype html>');
      break;
    case 'redirect':
      response.writeHead(302, { location: 'https://elsewhere.invalid/' }).end();
      break;
    case 'endless':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(`{"x":"${'x'.repeat(300_000)}`);
      break;
  }
  return which !== undefined;
}
