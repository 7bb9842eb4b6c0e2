/**
 * What the mail methods get for a request: the account as sign-in names it, its connections, its uploads, and what is
 * remembered of it.
 *
 * Invariants: `memory` belongs to one home: after a move it is made anew, since the places in it were the former home's;
 * its `past` knows these. A request is under way from its beginning to its end: no hold comes between its parts, so all of
 * it happens at one home.
 */
import type { Clock } from '#events/clock.ts';
import type { Store } from '#store/index.ts';
import type { Pass } from '#signin/pass.ts';
import type { SieveOf } from './filters/reach-sieve.ts';
import type { Learn } from './contacts/learn.ts';
import { createPast } from './ids/past.ts';
import { createMailMemory } from './mail/memory.ts';
import type { MailAccess, SmtpEnvelope } from './mail-access.ts';
import type { OutboxOf } from './outbox/outbox.ts';
import type { Pool } from './pool.ts';
import { createRemembered } from './remembered.ts';
import type { SettingsOf } from './settings/account-settings.ts';
import type { Submit } from './submit.ts';
import type { Uploads } from './uploads.ts';

/** `end`: the request is answered; what is asked by it then waits in a hold as others' requests do. */
export type RequestAccess = MailAccess & { readonly home: string; end(): void };

export type AccessOf = (pass: Pass, signal: AbortSignal) => Promise<RequestAccess>;

type Parts = {
  readonly pool: Pool;
  readonly uploads: Uploads;
  readonly submit: Submit;
  readonly settingsOf: SettingsOf;
  readonly learn: Learn;
  readonly sieveOf: SieveOf;
  /** Whether the platform has ManageSieve. */
  readonly filtersAt: (home: string) => boolean;
  /** Whether the platform takes mail from its customers through us. */
  readonly sendsAt: (home: string) => boolean;
  readonly outboxOf: OutboxOf;
  readonly store: Store;
  readonly clock: Clock;
};

export function createAccessOf({ pool, uploads, submit, settingsOf, learn, sieveOf, filtersAt, sendsAt, outboxOf, store, clock }: Parts): AccessOf {
  const remembered = createRemembered((accountId, home) => {
    const memory = createMailMemory();
    return { memory, past: createPast({ store, clock, accountId, home, memory }) };
  });

  return async (pass, signal) => {
    const request = await pool.begin(pass, signal);
    const { home, customer } = request.entered;
    const { memory, past } = remembered(pass.accountId, home);
    await past.refresh();
    const send = async (envelope: SmtpEnvelope, message: Buffer): Promise<void> => {
      await submit(request, envelope, message);
      learn(pass.accountId, customer.loginNames, envelope, message);
    };
    return {
      accountId: `a${pass.accountId}`,
      address: customer.address,
      loginNames: customer.loginNames,
      home,
      clock,
      memory,
      past,
      blobs: uploads.of(pass.accountId),
      settings: settingsOf(pass.accountId),
      imap: (work) => request.use(work),
      imapPatiently: (work) => request.usePatiently(work),
      end: request.end,
      ...(filtersAt(home) ? { sieve: sieveOf(request) } : {}),
      ...(sendsAt(home) ? { submit: send, outbox: outboxOf(pass) } : {}),
    };
  };
}
