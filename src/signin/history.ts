/**
 * From where and by what each account's secrets were presented, and how that ended: written down beside, for its owner.
 *
 * Invariants: no attempt waits for it; equal ones are added up, so a mail program that comes every minute is one write an
 * hour; what is refused, and who gets in after that (news.ts), is written within a minute, and some times a minute at most; a store
 * that is gone costs what does not fit any more. Of one account no crowd of guessers takes more than CROWD places: the
 * rest of them are one. Bounded. No secret and no login name comes here.
 */
import type { SignInMeans, SignInOutcome, SignInReason } from '#directory/secrets/sign-in-seen.ts';
import { saidLine } from '#directory/seen/said.ts';
import { createTally } from '#directory/seen/tally.ts';
import type { Clock } from '#events/clock.ts';
import type { SecretKeeper } from './accounts.ts';
import { STORE_MS, timeLimit } from './load/within.ts';
import { createNews } from './news.ts';

export type Presented = {
  readonly accountId: number;
  readonly protocol: string;
  /** The client's address. */
  readonly network: string;
  readonly device: string;
  readonly outcome: SignInOutcome;
  readonly means: SignInMeans;
  readonly reason: SignInReason;
  /** Of the account, its credential version and its home: what comes with a new secret, or at a new home, is a key of its own and written at once. Absent: not known here. */
  readonly standing?: string;
};

export type History = {
  note(presented: Presented): void;
  /** Writes what is left. Never rejects. */
  close(): Promise<void>;
};

/** To the hour is what people want to know of a device that comes all day. */
const AGAIN_MS = 3_600_000;
/** Of 300 bytes each: two programs of each of 28,000 customers, as they got in and, in an outage, as they did not, and half as many again. */
const LIMIT = 160_000;
/** Places from which one account's secrets were presented in vain within an hour: nobody reads more lines than these. */
const CROWD = 20;
const DEVICE_LENGTH = 200;

export function createHistory({ keeper, networkText, clock }: { keeper: Pick<SecretKeeper, 'noteSignIns' | 'forgetSignIns'>; networkText: (address: string) => string; clock: Clock }): History {
  /** By account: entries of what was not accepted. */
  const crowds = new Map<number, number>();
  const news = createNews();
  const tally = createTally<Presented>({
    write: (rows) => timeLimit(keeper.noteSignIns(rows.map(({ what: { standing: _standing, ...what }, ...seen }) => ({ ...what, ...seen }))), STORE_MS, clock, 'sign-ins'),
    sweep: () => timeLimit(keeper.forgetSignIns(), STORE_MS, clock, 'sign-ins'),
    againMs: AGAIN_MS,
    limit: LIMIT,
    onForgotten: forget,
    clock,
  });

  function forget(placed: Presented): void {
    leaveCrowd(placed);
    news.forget(placed);
  }

  function leaveCrowd({ accountId, means }: Presented): void {
    if (means !== 'none') return;
    const left = (crowds.get(accountId) ?? 1) - 1;
    if (left === 0) crowds.delete(accountId);
    else crowds.set(accountId, left);
  }

  return {
    note(presented) {
      const { accountId, means } = presented;
      const known = means !== 'none';
      let placed = { ...presented, network: networkText(presented.network), device: saidLine(presented.device, DEVICE_LENGTH) };
      const crowded = !known && !tally.has(keyOf(placed)) && (crowds.get(accountId) ?? 0) >= CROWD;
      if (crowded) placed = { ...placed, network: 'elsewhere', device: '' };
      const key = keyOf(placed);
      if (tally.add(key, placed) && !known) crowds.set(accountId, (crowds.get(accountId) ?? 0) + 1);
      if (!tally.has(key)) return;
      const telling = news.of(placed, placed.outcome, placed.reason);
      if (telling !== undefined) tally.soon(key, telling);
    },
    close: tally.close,
  };
}

function keyOf({ accountId, protocol, network, device, outcome, means, reason, standing = '' }: Presented): string {
  return `${accountId}\0${protocol}\0${outcome}\0${means}\0${reason}\0${standing}\0${network}\0${device}`;
}
