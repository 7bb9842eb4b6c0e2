/**
 * Tells subscribers and webhooks, round after round.
 *
 * Invariants: the store says what is due (deliveries.ts); any number of processes may do this at once. A relay that is down
 * costs its letters a delay and webhooks nothing. What is sent has been taken at the store, and what the relay took is
 * noted before the next is sent.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import { UPDATE_TOPIC } from '#incident/declared/index.ts';
import type { Fetch, Webhook } from '#http/webhook.ts';
import { createFeed, type Store } from '#store/index.ts';
import { deliveryEnded, deliveryFailed } from '../events.ts';
import { type Due, makeEnd, noteAsked, noteEnd, noteFailure, takeAsks, takeDue } from './deliveries.ts';
import { fanOut } from './fan-out.ts';
import { confirmLetter, newsLetter } from './letter-words.ts';
import { writeLetter } from './letter.ts';
import { openRelay, type Relay, type RelayConfig } from './relay.ts';
import { tellWebhook } from './webhook.ts';

/** Between rounds that found nothing; an update wakes us. */
const LOOK_MS = 2_000;
/** At once at the relay; within the time for which a delivery is ours. */
const LETTERS = 20;
const CALLS = 10;

export type TellerOptions = {
  readonly store: Store;
  readonly provider: string;
  readonly zone: string;
  /** Of the pages, absolute; and of the app with the links in letters: without it nobody can subscribe, nor be written to. */
  readonly site: string | undefined;
  readonly app: string | undefined;
  readonly relay: RelayConfig | undefined;
  readonly webhooks: readonly Webhook[];
  readonly fetch: Fetch;
};

export type Teller = { /** Somebody asked, or wrote: look now. */ wake(): void; stop(): Promise<void> };

export function startTeller(options: TellerOptions): Teller {
  const { store, relay: relayConfig, webhooks, app } = options;
  const { clock, emit } = store;
  const stopping = new AbortController();
  let sleeping = new AbortController();
  const wake = (): void => sleeping.abort();
  const mailing = relayConfig !== undefined && app !== undefined;

  /** @returns whether there may be more */
  async function letters(relay: Relay, from: string): Promise<boolean> {
    const asks = await takeAsks(store, LETTERS);
    for (const ask of asks) await askLetter(relay, from, ask);
    const due = await takeDue(store, 'mail', LETTERS);
    for (const each of due) await end(each, 'mail', () => newsTo(relay, from, each));
    return asks.length + due.length > 0;
  }

  async function askLetter(relay: Relay, from: string, { id, address, language, token }: Awaited<ReturnType<typeof takeAsks>>[number]): Promise<void> {
    const { subject, text } = confirmLetter({ provider: options.provider, link: `${app!}/confirm/${token}` }, language);
    const message = writeLetter({ messageId: `ask-${id}@${domainOf(from)}`, from: { name: options.provider, address: from }, to: address, subject, language, at: clock.now(), text, unsubscribe: undefined });
    try {
      await relay.send(address, message);
      await noteAsked(store, id);
    } catch (error) {
      if (isRefused(error)) await noteAsked(store, id);
      else emit(deliveryFailed, { channel: 'ask', message: messageOf(error) });
    }
  }

  async function newsTo(relay: Relay, from: string, due: Due): Promise<void> {
    const { updateId, subscriberId, address, language } = due;
    // Unsubscribed between taking and reading.
    if (subscriberId === null || address === null || language === null) return;
    const unsubscribe = `${app!}/unsubscribe/${await makeEnd(store, subscriberId)}`;
    const { subject, text } = newsLetter(due, { ...options, unsubscribe }, language);
    await relay.send(address, writeLetter({ messageId: `update-${updateId}-${subscriberId}@${domainOf(from)}`, from: { name: options.provider, address: from }, to: address, subject, language, at: clock.now(), text, unsubscribe }));
  }

  async function calls(): Promise<boolean> {
    if (webhooks.length === 0) return false;
    const due = await takeDue(store, 'webhook', CALLS);
    await Promise.all(
      due.map((each) => {
        const hook = webhooks.find(({ name }) => each.channel === `webhook:${name}`);
        // Taken out of the configuration since.
        return end(each, hook?.name ?? 'webhook', async () => {
          if (hook === undefined) throw new CausewayError('refused', 'there is no such webhook any more');
          await tellWebhook(hook, each, { now: clock.now(), fetch: options.fetch });
        });
      }),
    );
    return due.length > 0;
  }

  /** Does it, and notes how it ended. @throws only as the store does */
  async function end(due: Due, channel: string, work: () => Promise<void>): Promise<void> {
    let outcome: 'delivered' | 'refused' | undefined;
    try {
      await work();
      outcome = 'delivered';
    } catch (error) {
      if (isRefused(error)) outcome = 'refused';
      else emit(deliveryFailed, { channel, message: messageOf(error) });
    }
    if (outcome !== undefined) {
      const ended = outcome;
      await store.transaction((tx) => noteEnd(tx, due, ended));
      emit(deliveryEnded, { channel, update: due.updateId, outcome, tries: due.tries });
    } else if (await noteFailure(store, due)) emit(deliveryEnded, { channel, update: due.updateId, outcome: 'given-up', tries: due.tries });
  }

  async function round(): Promise<boolean> {
    const made = await fanOut(store, webhooks.map(({ name }) => name));
    const called = await calls();
    if (!mailing) return called || made > 0;
    const relay = openRelay(relayConfig, clock);
    try {
      return (await letters(relay, relayConfig.from)) || called || made > 0;
    } finally {
      await relay.close();
    }
  }

  const feed = createFeed(store, { topics: [UPDATE_TOPIC], onChanges: async () => wake() });
  const running = (async () => {
    while (!stopping.signal.aborted) {
      sleeping = new AbortController();
      const more = await round().catch((error: unknown) => {
        emit(deliveryFailed, { channel: 'store', message: messageOf(error) });
        return false;
      });
      if (!more) await clock.sleep(LOOK_MS, AbortSignal.any([sleeping.signal, stopping.signal])).catch(() => {});
    }
  })();

  return {
    wake,
    async stop() {
      stopping.abort();
      await feed.stop();
      await running;
    },
  };
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** For good. What we ourselves cannot send to is as good as refused. */
const isRefused = (error: unknown): boolean => error instanceof CausewayError && (error.code === 'refused' || error.code === 'input');
