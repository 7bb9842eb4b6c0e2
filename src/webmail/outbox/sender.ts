/**
 * Sends what waited in the outbox, when its time has come.
 *
 * Invariants: a mail is given to the platform at most once without the platform's word that it was not taken, whichever
 * processes die, and wherever (rows.ts). All of sending one mail is one request: it happens at one home, a hold waits for
 * it, and after a move the mail's id leads to the new one. It is sent by the word of the account's secret at the time: who
 * changed that since, sends it no more. A home that does not answer is asked again for a day.
 */
import { randomUUID } from 'node:crypto';
import { CausewayError, messageOf } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import { isStoreUnavailable, type Store } from '#store/index.ts';
import type { AccessOf } from '../access.ts';
import { LIMITS } from '../jmap/limits.ts';
import { readBlob } from '../mail/blob-read.ts';
import { createMailContext } from '../mail/context.ts';
import { destroyEmails, updateEmails } from '../mail/email-update.ts';
import { withoutBcc } from '../mail/submission.ts';
import { toldOf } from '../refusal.ts';
import { type OutboxRow, settleRows, stepRow, takeRow } from './rows.ts';

const outboxFailed = defineEvent<{ id: string; state: string; message: string }>('webmail.outbox-failed', 'warn', ['log', 'count'], ['state']);

export type OutboxSender = {
  /** One is due then (ms since the epoch): it is sent on time, not at the next look. */
  due(sendAt: number): void;
  close(): Promise<void>;
};

/** What another process left is sent so much later at most. */
const LOOK_MS = 2_000;
/** What dead processes left in the midst is settled after minutes anyway. */
const SETTLE_MS = 30_000;
/** At once: each is a mail in memory. */
const AT_ONCE = 8;
/** Given up before another process may take it. */
const READ_MS = 20_000;
const AGAIN_MS = { first: 5_000, most: 600_000 };
const GIVE_UP_MS = 86_400_000;

export function createOutboxSender({ store, clock, accessOf, emit }: { store: Store; clock: Clock; accessOf: AccessOf; emit: Emit }): OutboxSender {
  const claim = randomUUID();
  const closing = new AbortController();
  const under = new Set<Promise<void>>();
  let wake = new AbortController();
  let settled = -Infinity;

  const again = ({ attempts }: OutboxRow): { againInMs: number } => ({ againInMs: Math.min(AGAIN_MS.most, AGAIN_MS.first * 2 ** Math.min(attempts, 10)) });
  const isOld = ({ madeAt }: OutboxRow): boolean => clock.now() - madeAt.getTime() > GIVE_UP_MS;

  /** Told again until the store takes it: else nobody would know that it was sent. */
  async function write(row: OutboxRow, step: Parameters<typeof stepRow>[3]): Promise<void> {
    for (;;) {
      try {
        await stepRow(store, claim, row.id, step);
        return;
      } catch (error) {
        if (!isStoreUnavailable(error) || closing.signal.aborted) throw error;
        await clock.sleep(LOOK_MS, closing.signal);
      }
    }
  }

  async function send(row: OutboxRow): Promise<void> {
    const time = new AbortController();
    const late = clock.after(READ_MS, () => time.abort(NEEDLESS));
    const signal = AbortSignal.any([time.signal, closing.signal]);
    let state: OutboxRow['state'] = row.state;
    let end = (): void => {};
    try {
      const access = await accessOf({ id: `outbox-${row.id}`, accountId: row.accountId, version: row.version, madeAt: clock.now() }, signal);
      end = access.end;
      const context = createMailContext(access, LIMITS, () => {});
      if (state === 'taken') {
        const mail = await readBlob(row.emailId, context);
        if (mail === undefined) return await write(row, { from: 'taken', to: 'canceled', reply: 'the draft is gone' });
        const { submit } = access;
        if (submit === undefined) throw new CausewayError('unavailable', 'nothing can be sent at the home now');
        if (signal.aborted || !(await stepRow(store, claim, row.id, { from: 'taken', to: 'handing' }))) return;
        state = 'handing';
        late();
        await submit({ mailFrom: row.mailFrom, rcptTo: row.rcptTo }, withoutBcc(mail.bytes));
        await write(row, { from: 'handing', to: 'filing' });
        state = 'filing';
      }
      const { update, destroy } = row.filing ?? { destroy: false };
      if (destroy || update !== undefined) {
        const failures = destroy ? await destroyEmails([row.emailId], context) : await updateEmails(new Map([[row.emailId, update ?? {}]]), new Map(), context);
        for (const failure of failures.values()) emit(outboxFailed, { id: row.id, state, message: messageOf(failure) });
      }
      await write(row, { from: 'filing', to: 'sent' });
    } catch (error) {
      emit(outboxFailed, { id: row.id, state, message: messageOf(error) });
      if (closing.signal.aborted && state === 'taken') return await write(row, { from: 'taken', to: 'waiting', againInMs: 0 });
      const code = error instanceof CausewayError ? error.code : 'internal';
      if (state === 'filing') return isOld(row) ? await write(row, { from: 'filing', to: 'sent' }) : undefined;
      // All others come before the mail is given, or are the platform's word (submission/send.ts).
      if (state === 'handing' && !['refused', 'unavailable', 'input', 'aborted', 'limit'].includes(code)) return await write(row, { from: 'handing', to: 'unknown', reply: '451 4.4.2 no answer' });
      if (code === 'refused' || code === 'input' || toldOf(error)?.code === 'signed-out' || isOld(row)) return await write(row, { from: state, to: 'refused', reply: `550 5.0.0 ${messageOf(error)}` });
      await write(row, { from: state, to: 'waiting', ...again(row) });
    } finally {
      end();
      late();
    }
  }

  const sending = (async () => {
    while (!closing.signal.aborted) {
      const row = under.size >= AT_ONCE ? undefined : await takeRow(store, claim).catch(() => undefined);
      if (row !== undefined) {
        const work: Promise<void> = send(row).catch(() => {}).finally(() => {
          under.delete(work);
          wake.abort(NEEDLESS);
        });
        under.add(work);
        continue;
      }
      await clock.sleep(LOOK_MS, AbortSignal.any([wake.signal, closing.signal])).catch(() => {});
      wake = new AbortController();
      if (clock.monotonic() - settled < SETTLE_MS) continue;
      settled = clock.monotonic();
      await settleRows(store).catch(() => {});
    }
  })();

  return {
    due(sendAt) {
      clock.after(Math.max(0, sendAt - clock.now()), () => wake.abort(NEEDLESS));
    },
    async close() {
      closing.abort(NEEDLESS);
      await sending;
      await Promise.all(under);
    },
  };
}
