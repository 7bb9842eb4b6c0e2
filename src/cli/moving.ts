/** Waiting for moves that were asked for, with progress for the eye. */
import { CausewayError } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import type { Attached } from '#context/attach.ts';
import { type MoveStatus, readMoves } from '#mover/index.ts';
import type { Amount, ProgressLine } from './progress.ts';

/** Progress is for the eye. */
const LOOK_MS = 250;
/** Many moves are many rows. */
const LOOK_AT_MANY_MS = 1_000;
const MANY = 100;
/** The move goes on without us; a store that restarts is back in seconds, and a person can look again later. */
const STORE_AWAY_MS = 60_000;

const ENDED: readonly string[] = ['moved', 'failed', 'cancelled'];

/** Waits until all have ended; the moves go on when this is interrupted. */
export async function waitFor({ store }: Attached, ids: readonly number[], line: ProgressLine): Promise<MoveStatus[]> {
  const known = new Map<number, MoveStatus>();
  let seenAt = systemClock.monotonic();
  for (;;) {
    const open = ids.filter((id) => !ENDED.includes(known.get(id)?.state ?? ''));
    const moves = await readMoves(store, open).catch((error: unknown) => {
      const away = error instanceof CausewayError && error.code === 'unavailable' && systemClock.monotonic() - seenAt < STORE_AWAY_MS;
      if (!away) throw error;
      return undefined;
    });
    if (moves !== undefined) {
      seenAt = systemClock.monotonic();
      for (const each of moves) known.set(each.id, each);
      const all = [...known.values()];
      if (all.length === ids.length && all.every((each) => ENDED.includes(each.state))) return ids.map((id) => known.get(id)!);
      show(line, all);
    }
    await systemClock.sleep(ids.length > MANY ? LOOK_AT_MANY_MS : LOOK_MS);
  }
}

/** What is not yet known of accounts that wait for their turn is taken to be as that of the others. */
export function amountOf(moves: readonly MoveStatus[]): Amount {
  const listed = moves.filter((each) => each.messages > 0 || ENDED.includes(each.state));
  const total = (of: (each: MoveStatus) => number, among: readonly MoveStatus[] = moves): number => among.reduce((sum, each) => sum + of(each), 0);
  const scale = listed.length === 0 ? 1 : moves.length / listed.length;
  return {
    messages: total((each) => each.copiedMessages),
    bytes: total((each) => each.copiedBytes),
    ofMessages: Math.round(total((each) => Math.max(each.messages, each.copiedMessages), listed) * scale),
    ofBytes: listed.some((each) => each.bytes === 0 && each.messages > 0) ? undefined : Math.round(total((each) => Math.max(each.bytes, each.copiedBytes), listed) * scale),
    waits: moves.every(({ state }) => state === 'queued'),
    ...(moves.length === 1 ? { alone: true } : { accounts: moves.filter((each) => ENDED.includes(each.state)).length, ofAccounts: moves.length }),
  };
}

function show(line: ProgressLine, moves: readonly MoveStatus[]): void {
  const amount = amountOf(moves);
  const states = [...new Set(moves.map((each) => each.state))].join(', ');
  line.show(amount, amount.ofAccounts === undefined ? states : `${amount.accounts}/${amount.ofAccounts} accounts, ${states}`);
}

/** Whether single messages may be what is in the way. */
const isDecidable = ({ state, failure }: MoveStatus): boolean => state === 'failed' && ['too-big', 'content', 'date', 'flags', 'append', 'source-read'].includes(failure ?? '');

export function lineOf(each: MoveStatus): string {
  const hold = each.holdMs === null ? '' : `, held for ${each.holdMs} ms`;
  if (each.state === 'moved') return `${each.address}: lives at ${each.target} now; ${each.messages} messages, each read back${hold}`;
  return `${each.address}: ${each.state}, lives at ${each.source} as before${each.error === null ? '' : `: ${each.error}`}${isDecidable(each) ? `\n  causeway refused ${each.address} lists what is refused, and how to move without it` : ''}`;
}
