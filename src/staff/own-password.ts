/** Asking who is signed in for the password once more; wrong ones count as at the sign-in. */
import type { Context } from 'hono';
import type { AppEnv } from '#http/app.ts';
import { addressOf } from '#http/server.ts';
import { subscriberOf } from '#net/networks.ts';
import { CHANGE } from '#signin/load/claim.ts';
import type { Hasher } from '#signin/index.ts';
import type { Store } from '#store/index.ts';
import type { StaffMember } from './api.ts';
import type { KnownBrowsers } from './known-browsers.ts';
import { keysById } from './people.ts';
import type { Tries } from './tries.ts';

export type OwnPassword = (c: Context<AppEnv>, staff: StaffMember, secret: string) => Promise<boolean>;

export function createOwnPassword({ store, hasher, known, tries }: { store: Store; hasher: Pick<Hasher, 'verify'>; known: KnownBrowsers; tries: Tries }): OwnPassword {
  return (c, { id, name }, secret) =>
    tries.judge(
      { name, subscriber: subscriberOf(addressOf(c.env)), known: known.of(c, name) },
      async () => {
        const keys = await keysById(store, id);
        return keys !== undefined && keys.password !== '' && (await hasher.verify(keys.password, secret, CHANGE)) === 'match';
      },
      c.req.raw.signal,
    );
}
