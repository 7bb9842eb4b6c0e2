/**
 * One LMTP transaction: its recipients, the platforms that are their homes, and the answers.
 *
 * Invariants: a recipient's home is read after any hold and entered as under way in the same turn. Each platform that
 * took a recipient gets the whole message; each recipient gets its own platform's answer. Nothing is answered 5xx for
 * our own trouble.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { handOverFailed, recipientDone, waited } from './events.ts';
import type { Answer, HandOver } from './hand-over.ts';
import type { Delivery, InFlight } from './in-flight.ts';

export type Recipient = {
  readonly accountId: number;
  readonly closed: boolean;
  /** The address under which the platform knows it. */
  addressAt(platform: string): string;
};

/** What delivery needs of the house. */
export type DeliveryParts = {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly inFlight: InFlight;
  /** The account that receives for an address, or undefined when there is none. Rejects when that cannot be known. */
  findRecipient(address: string): Promise<Recipient | undefined>;
  /** Waits out a hold; rejects with `unavailable` when it lasts longer than `waitMs`. */
  settled(accountId: number, waitMs: number): Promise<void>;
  /** The home now, read without waiting; undefined while the account is held. */
  homeNow(accountId: number): string | undefined;
  openHandOver(platform: string): Promise<HandOver>;
  /** How a recipient fared, for the desk. `reason`: the platform's words, where it did not take the mail. Must not throw. */
  note(seen: { readonly accountId: number; readonly platform: string; readonly outcome: 'delivered' | 'held' | 'deferred' | 'refused'; readonly reason: string }): void;
};

/** A RCPT waits for a hold at most 10 s, the hold's own deadline of 8 s included. */
const RCPT_WAIT_MS = 10_000;
/** All RCPTs of a transaction together: an MX that sends to many accounts of one wave must not time out on us. */
const TRANSACTION_WAIT_MS = 30_000;

export const TRY_LATER: Answer = { code: 451, text: '4.3.2 The mailbox cannot take mail at this moment. Try again later.' };
const PLATFORM_DOWN: Answer = { code: 451, text: '4.4.1 The mail platform cannot be reached. Try again later.' };
const UNKNOWN: Answer = { code: 550, text: '5.1.1 No such recipient here.' };

type Entry = { readonly accountId: number; readonly platform: string };

export type Transaction = {
  rcpt(address: string): Promise<Answer>;
  /** Streams the message to every platform and returns the answers in the order of the accepted RCPTs. */
  deliver(id: string, trace: string, message: AsyncIterable<Buffer>, stuff: Stuffer): Promise<Answer[]>;
  /** Ends the transaction. While a message is being handed over that means: as soon as every platform has answered. */
  close(): void;
  /** Whether a message is being handed over: a platform may still take it, whatever became of the sender. */
  delivering(): boolean;
};

/** Doubles leading dots across chunks; `end` gives what must follow so that the message ends with CRLF. */
export type Stuffer = { push(chunk: Buffer): Buffer; end(): Buffer };

export function beginTransaction(sender: string, parts: DeliveryParts, { alive }: Pick<Delivery, 'alive'>): Transaction {
  const { clock, emit, inFlight } = parts;
  const handOvers = new Map<string, HandOver>();
  const entries: Entry[] = [];
  /** Where each account lived when it was entered. */
  const homes = new Map<number, string>();
  const givenUp = new Set<string>();
  const deadline = clock.monotonic() + TRANSACTION_WAIT_MS;
  let closed = false;
  let handingOver = false;

  const delivery: Delivery = {
    alive,
    abandon(accountId) {
      const platform = homes.get(accountId);
      if (platform === undefined) return;
      givenUp.add(platform);
      handOvers.get(platform)?.abort();
      for (const [id, home] of homes) {
        if (home !== platform) continue;
        homes.delete(id);
        inFlight.leave(id, delivery);
      }
    },
  };

  const leave = (): void => {
    for (const handOver of handOvers.values()) handOver.end();
    for (const { accountId } of entries) inFlight.leave(accountId, delivery);
  };

  const enterHome = async (accountId: number): Promise<string | undefined> => {
    const began = clock.monotonic();
    const rcptDeadline = Math.min(deadline, began + RCPT_WAIT_MS);
    for (let held = false; ; held = true) {
      const home = parts.homeNow(accountId);
      if (home !== undefined) {
        inFlight.enter(accountId, delivery);
        homes.set(accountId, home);
        if (held) {
          emit(waited, { account: accountId, ms: Math.round(clock.monotonic() - began), outcome: 'went-on' });
          parts.note({ accountId, platform: home, outcome: 'held', reason: '' });
        }
        return home;
      }
      try {
        const left = rcptDeadline - clock.monotonic();
        if (left <= 0) throw new CausewayError('unavailable', 'the hold outlasted the wait');
        await parts.settled(accountId, left);
      } catch {
        emit(waited, { account: accountId, ms: Math.round(clock.monotonic() - began), outcome: 'deferred' });
        parts.note({ accountId, platform: '', outcome: 'deferred', reason: 'held' });
        return undefined;
      }
    }
  };

  const handOverTo = async (platform: string): Promise<HandOver> => {
    const open = handOvers.get(platform);
    if (open !== undefined) return open;
    const made = await parts.openHandOver(platform);
    // At once, so that it can be ended while it is asked.
    handOvers.set(platform, made);
    if (givenUp.has(platform)) made.abort();
    try {
      const answer = await made.mail(sender);
      if (answer.code < 300) return made;
      throw new CausewayError('unavailable', `the platform refused the sender: ${answer.code} ${answer.text}`);
    } catch (error) {
      handOvers.delete(platform);
      made.end();
      throw error;
    }
  };

  const noteAnswer = (accountId: number, platform: string, answer: Answer): void => {
    const outcome = outcomeOf(answer);
    parts.note({ accountId, platform, outcome, reason: outcome === 'delivered' ? '' : `${answer.code} ${answer.text}` });
  };

  const failed = (platform: string, error: unknown): Answer => {
    emit(handOverFailed, { platform, error: messageOf(error) });
    return PLATFORM_DOWN;
  };

  return {
    async rcpt(address) {
      let recipient: Recipient | undefined;
      try {
        recipient = await parts.findRecipient(address);
      } catch {
        return TRY_LATER;
      }
      if (recipient === undefined || recipient.closed) return UNKNOWN;
      const { accountId } = recipient;
      const platform = await enterHome(accountId);
      if (platform === undefined) return TRY_LATER;
      try {
        const handOver = await handOverTo(platform);
        const answer = await handOver.rcpt(recipient.addressAt(platform));
        if (answer.code < 300 && !closed) {
          entries.push({ accountId, platform });
          return answer;
        }
        if (!entries.some((entry) => entry.accountId === accountId)) inFlight.leave(accountId, delivery);
        noteAnswer(accountId, platform, answer);
        return answer;
      } catch (error) {
        if (!entries.some((entry) => entry.accountId === accountId)) inFlight.leave(accountId, delivery);
        const answer = failed(platform, error);
        noteAnswer(accountId, platform, answer);
        return answer;
      }
    },

    async deliver(id, trace, message, stuff) {
      handingOver = true;
      try {
        return await carry(id, trace, message, stuff);
      } finally {
        handingOver = false;
        if (closed) leave();
      }
    },

    close() {
      if (closed) return;
      closed = true;
      if (!handingOver) leave();
    },
    delivering: () => handingOver,
  };

  async function carry(id: string, trace: string, message: AsyncIterable<Buffer>, stuff: Stuffer): Promise<Answer[]> {
    const begun = new Map<string, HandOver>();
    const answers = new Map<string, Answer[]>();
    for (const [platform, open] of handOvers) {
      const count = entries.filter((entry) => entry.platform === platform).length;
      if (count === 0) continue;
      try {
        const answer = await open.data();
        if (answer.code === 354) begun.set(platform, open);
        else answers.set(platform, Array.from({ length: count }, () => answer));
      } catch (error) {
        answers.set(platform, Array.from({ length: count }, () => failed(platform, error)));
      }
    }
    const targets = [...begun.values()];
    await Promise.all(targets.map((target) => target.write(Buffer.from(trace))));
    for await (const chunk of message) {
      const stuffed = stuff.push(chunk);
      await Promise.all(targets.map((target) => target.write(stuffed)));
    }
    const end = stuff.end();
    await Promise.all(
      [...begun].map(async ([platform, open]) => {
        const count = entries.filter((entry) => entry.platform === platform).length;
        try {
          await open.write(end);
          answers.set(platform, await open.finish(count));
        } catch (error) {
          answers.set(platform, Array.from({ length: count }, () => failed(platform, error)));
        }
      }),
    );
    return entries.map(({ platform, accountId }) => {
      const answer = answers.get(platform)?.shift() ?? PLATFORM_DOWN;
      const outcome = outcomeOf(answer);
      noteAnswer(accountId, platform, answer);
      emit(recipientDone, { outcome, platform, account: accountId, code: answer.code, id });
      return answer;
    });
  }
}

function outcomeOf({ code }: Answer): 'delivered' | 'deferred' | 'refused' {
  return code < 300 ? 'delivered' : code < 500 ? 'deferred' : 'refused';
}
