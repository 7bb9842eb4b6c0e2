/**
 * Signing in by password and code, and signing out.
 *
 * Invariants: "wrong" is said only of what was judged, and never which of name and password it was; a name that is not there
 * costs the same work. A code serves once, by the store. What is between the steps is a sealed cookie that serves for nothing
 * else, and not after the password was changed. No mail platform is asked anything.
 */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Seal } from '#directory/outbox/seal.ts';
import { CausewayError } from '#errors/index.ts';
import type { App, AppEnv } from '#http/app.ts';
import { bodyOf } from '#http/body.ts';
import type { RelyingParty } from '#http/relying-party.ts';
import { createSealedCookie } from '#http/sealed-cookie.ts';
import { addressOf } from '#http/server.ts';
import { subscriberOf } from '#net/networks.ts';
import { CHANGE } from '#signin/load/claim.ts';
import type { Hasher } from '#signin/index.ts';
import { stepOf } from '#signin/one-time-code.ts';
import type { Store } from '#store/index.ts';
import { staffCodeBody, type StaffFailure, type StaffSignedOut, staffSignInBody } from './api.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import { type Keys, keysById, keysOf, useCodeStep } from './people.ts';
import type { Sessions } from './sessions.ts';
import type { Tries } from './tries.ts';

/** To find the phone. */
const HALF_S = 300;

type Parts = {
  readonly store: Store;
  readonly hasher: Pick<Hasher, 'verify' | 'pretend'>;
  readonly seal: Seal | undefined;
  readonly sessions: Sessions;
  readonly known: KnownBrowsers;
  readonly tries: Tries;
  readonly rpOf: (c: Context<AppEnv>) => RelyingParty | undefined;
  /** What the button of the identity provider says, where it can be used. */
  readonly oidcButton: (c: Context<AppEnv>) => string | undefined;
  /** Where the browser goes when it has signed out here; undefined: nowhere. Never rejects. */
  readonly leave: ((c: Context<AppEnv>) => Promise<string | undefined>) | undefined;
  readonly key: Buffer;
  readonly now: () => number;
};

export function addSignInApi(app: App, { store, hasher, seal, sessions, known, tries, rpOf, oidcButton, leave, key, now }: Parts): void {
  const halves = createSealedCookie({ name: 'staff-half', key, schema: z.strictObject({ id: z.int(), tag: z.string() }), seconds: HALF_S, now });

  app.get('/api/staff/sign-in', (c) => c.json({ passkeys: rpOf(c) !== undefined, oidc: oidcButton(c) ?? null }));

  app.post('/api/staff/sign-in', async (c) => {
    const { name: given, secret } = await bodyOf(c, staffSignInBody);
    const name = given.trim().toLowerCase();
    const who = { name, subscriber: subscriberOf(addressOf(c.env)), known: known.of(c, name) };
    let keys: Keys | undefined;
    const isRight = await tries.judge(
      who,
      async () => {
        keys = await keysOf(store, name);
        return matches(keys, secret);
      },
      c.req.raw.signal,
    );
    if (!isRight || keys === undefined) return tell(c, 403, { code: 'rejected', sentence: 'The name or the password is not right.' });
    if (keys.code !== null) {
      halves.set(c, { id: keys.id, tag: tagOf(keys) });
      return c.json({ name: keys.name, step: 'code' });
    }
    await enter(c, keys, 'password');
    return c.json({ name: keys.name });
  });

  app.post('/api/staff/sign-in/code', async (c) => {
    const { code } = await bodyOf(c, staffCodeBody);
    const half = halves.read(c);
    const keys = half === undefined ? undefined : await keysById(store, half.id);
    if (half === undefined || keys === undefined || keys.code === null || tagOf(keys) !== half.tag) return tell(c, 409, { code: 'too-late', sentence: 'That took a little too long. Please enter your password again.' });
    const secret = opened(seal, keys.id, keys.code);
    let step: number | undefined;
    const who = { name: `code ${keys.name}`, subscriber: subscriberOf(addressOf(c.env)), known: known.of(c, keys.name) };
    const isRight = await tries.judge(who, async () => (step = await stepOf(secret, code, now())) !== undefined, c.req.raw.signal);
    if (!isRight || step === undefined) return tell(c, 403, { code: 'code', sentence: 'This code is not right. Please enter the one that your phone shows now.' });
    if (!(await useCodeStep(store, keys.id, step))) return tell(c, 403, { code: 'code-used', sentence: 'This code has served already. Please wait for the next one.' });
    halves.drop(c);
    await enter(c, keys, 'password-and-code');
    return c.json({ name: keys.name });
  });

  app.post('/api/staff/sign-out', async (c) => {
    await sessions.end(c);
    const url = await leave?.(c);
    return c.json((url === undefined ? {} : { url }) satisfies StaffSignedOut);
  });

  async function enter(c: Context<AppEnv>, { id, name, role }: Keys, means: 'password' | 'password-and-code'): Promise<void> {
    await sessions.begin(c, { id, name, role }, means);
    known.remember(c, name);
  }

  async function matches(keys: Keys | undefined, secret: string): Promise<boolean> {
    if (keys === undefined || keys.password === '') {
      await hasher.pretend(secret, CHANGE);
      return false;
    }
    const match = await hasher.verify(keys.password, secret, CHANGE);
    if (match === 'unsupported') throw new CausewayError('internal', 'the hash of a password of the staff cannot be checked', { place: `staff:${keys.name}` });
    return match === 'match';
  }
}

/** The password that was shown is still the person's. */
const tagOf = ({ password }: Keys): string => createHash('sha256').update(password).digest('base64url').slice(0, 16);

function opened(seal: Seal | undefined, id: number, sealed: Buffer): string {
  try {
    if (seal !== undefined) return seal.open(id, sealed);
  } catch {
    // Sealed under a key that is not this one.
  }
  throw new CausewayError('unavailable', 'the key under which codes are kept is not at hand', {
    place: `staff ${id}`,
    remedy: 'Give serve the key of the known good that it had when the person was added, or: causeway staff reset NAME',
    customerText: 'Codes cannot be checked at this moment: the key is missing. A passkey works; so does a reset by an administrator.',
  });
}

export function tell(c: Context<AppEnv>, status: ContentfulStatusCode, failure: StaffFailure): Response {
  return c.json({ ...failure, requestId: c.get('requestId') }, status);
}
