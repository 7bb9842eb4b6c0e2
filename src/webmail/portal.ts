/**
 * The portal's process: to `serve` one more worker of the gateway, to browsers and JMAP's clients an HTTP app.
 *
 * Invariants: it speaks to `serve` as every worker does (gateway/messages.ts), so holds freeze and cut its connections as
 * they do a mail client's. Without `serve` it serves nobody.
 */
import type { PlatformConfig } from '#config/index.ts';
import { messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import { createAskAccount } from '#gateway/ask-account.ts';
import { createAskSignIn } from '#gateway/ask-sign-in.ts';
import { type Connect, createWayHome } from '#gateway/backend.ts';
import { createHoldAnswers } from '#gateway/hold-answers.ts';
import { createHoldBack } from '#gateway/hold-back.ts';
import type { FromWorker, ToWorker } from '#gateway/messages.ts';
import { createRegistry } from '#gateway/registry.ts';
import type { App } from '#http/app.ts';
import type { Site } from '#http/static.ts';
import type { ImapConnection } from '#imap/connection.ts';
import type { NetworkSettings } from '#signin/index.ts';
import type { Store } from '#store/index.ts';
import type { SieveConnection } from '#sieve/connect.ts';
import type { SubmissionConnection } from '#submission/connect.ts';
import { createAccessOf } from './access.ts';
import { createPortalApp } from './app.ts';
import { createContacts } from './contacts/book.ts';
import { createLearn } from './contacts/learn.ts';
import { createSieveOf } from './filters/reach-sieve.ts';
import { createPassSeal } from './pass-cookie.ts';
import { mayReach, resolveBySystem } from './remote/address-of.ts';
import { createFetchImage } from './remote/fetch-image.ts';
import { createRemoteLeave } from './remote/signature.ts';
import { createSecurity } from './security/security.ts';
import { createSubmit } from './submit.ts';
import { createOutboxOf } from './outbox/outbox.ts';
import { createOutboxSender } from './outbox/sender.ts';
import { createUploads } from './uploads.ts';
import { createPool, type Pool } from './pool.ts';
import { createSettingsOf } from './settings/account-settings.ts';
import { createSessionNotes } from './session-notes.ts';
import { createWatch } from './watch.ts';
import { createWho } from './who.ts';

export type PortalOptions = {
  readonly channel: { send(message: FromWorker): void; onMessage(callback: (message: ToWorker) => void): void };
  readonly platforms: Readonly<Record<string, PlatformConfig>>;
  readonly connect: Connect<ImapConnection>;
  readonly connectSubmission: Connect<SubmissionConnection>;
  readonly connectSieve: Connect<SieveConnection>;
  readonly store: Store;
  /** A folder for uploads, of this process alone. */
  readonly uploads: string;
  /** Of passes: 32 bytes. */
  readonly key: Buffer;
  /** It comes from outside: what is sealed by it can be kept. */
  readonly keyLasts: boolean;
  /** Where customers find the portal. */
  readonly url: string | undefined;
  /** Where they use a reset link. */
  readonly resetUrl: string | undefined;
  readonly networks: Pick<NetworkSettings, 'ipv4Prefix' | 'ipv6Prefix'>;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly random: () => number;
  /** The built pages. */
  readonly site: Site;
};

export type Portal = { readonly app: App; readonly pool: Pool; close(): Promise<void> };

const learningFailed = defineEvent<{ message: string }>('webmail.learning-failed', 'warn', ['log', 'count'], []);

/** What a platform is told of where a browser is: nothing yet, since its work is shared by all tabs and devices. */
const FROM = { address: '127.0.0.1', port: 0 };
const GOING_DOWN = 'The server is going down.';

export function createPortal({ channel, platforms, connect, connectSubmission, connectSieve, store, uploads, key, keyLasts, url, resetUrl, networks, clock, emit, random, site }: PortalOptions): Portal {
  const registry = createRegistry({ clock, onLeft: (id) => channel.send({ t: 'closed', id }) });
  const signIn = createAskSignIn({ send: channel.send, registry, clock, emit });
  const reach = createWayHome({ platforms, connect: { imap: connect }, clock, emit }, (connection) => connection);
  const pool = createPool({
    askAgain: signIn.askAgain,
    reach: (at, budgetMs, signal) => reach({ protocol: 'imap', ...at, secret: undefined, client: FROM }, budgetMs, signal),
    clock,
  });
  const reachSubmission = createWayHome({ platforms, connect: { submission: connectSubmission }, clock, emit }, (connection) => connection);
  const submit = createSubmit({ reach: (at, budgetMs, signal) => reachSubmission({ protocol: 'submission', ...at, secret: undefined, client: FROM }, budgetMs, signal) });
  const reachSieve = createWayHome({ platforms, connect: { sieve: connectSieve }, clock, emit }, (connection) => connection);
  const sieveOf = createSieveOf((at, budgetMs, signal) => reachSieve({ protocol: 'sieve', ...at, secret: undefined, client: FROM }, budgetMs, signal));
  const filtersAt = (home: string): boolean => platforms[home]?.sieve !== undefined;
  const settingsOf = createSettingsOf({ store, clock });
  const watch = createWatch({ pool, clock });
  const notes = createSessionNotes({ store, clock });
  const seal = createPassSeal(key);
  const times = { now: () => clock.now(), monotonic: () => clock.monotonic() };
  const holdBack = createHoldBack(clock, random);
  const who = createWho({ seal, ask: signIn.ask, notes, holdBack, ...times });

  const account = createAskAccount({ send: channel.send, clock });
  const security = createSecurity({ who, ask: signIn.ask, askAgain: signIn.askAgain, account, platforms, seal, notes, store, holdBack, key, keyLasts, url, resetUrl, networks, clock });

  const inHold = createHoldAnswers(registry, channel.send);

  channel.onMessage((message) => {
    switch (message.t) {
      case 'verdict':
        return signIn.receive(message.id, message.verdict);
      case 'keys':
      case 'own-change':
        return account.receive(message);
      case 'freeze':
      case 'cut':
      case 'thaw':
      case 'end':
        return inHold(message);
    }
  });

  const sendsAt = (home: string): boolean => platforms[home]?.submission !== undefined;
  const learn = createLearn(store, (error) => emit(learningFailed, { message: messageOf(error) }));
  const outboxOf = createOutboxOf({ store, due: (sendAt) => sender.due(sendAt) });
  const uploaded = createUploads(uploads, clock);
  const accessOf = createAccessOf({ pool, uploads: uploaded, submit, settingsOf, learn, sieveOf, filtersAt, sendsAt, outboxOf, store, clock });
  const sender = createOutboxSender({ store, clock, accessOf, emit });

  return {
    app: createPortalApp({
      ask: signIn.ask,
      who,
      security,
      seal,
      notes,
      accessOf,
      uploads: uploaded,
      store,
      settingsOf,
      contacts: createContacts(store),
      holdBack,
      url,
      watch,
      leave: createRemoteLeave(key),
      fetchImage: createFetchImage({ resolve: resolveBySystem, mayReach }),
      clock,
      emit,
      site,
      ...times,
    }),
    pool,
    async close() {
      await sender.close();
      signIn.orphan();
      account.orphan();
      watch.close();
      pool.close();
      await registry.endAll(GOING_DOWN);
      await notes.close();
      await security.close();
    },
  };
}
