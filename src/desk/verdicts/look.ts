/**
 * What rules look for in the sign-ins.
 *
 * Invariant: a trouble stands until it is over, by what is known (over.ts).
 */
import type { DoorEvidence, Evidence, SignInEvidence } from '../screen/evidence.ts';
import { isIn, isOver } from './over.ts';
import { namedWithin } from './words.ts';

/** What is older is not what a caller calls about today. */
export const LATELY_MS = 24 * 3_600_000;
/** What nobody could serve is an outage only now: who tries on is written down each minute (signin/history), and most programs try within it. */
export const NOW_MS = 65 * 60_000;

/** Signed in within `withinMs`. */
export function working({ signIns }: Evidence, now: number, withinMs = LATELY_MS): SignInEvidence[] {
  return signIns.filter((row) => isIn(row) && row.lastAt > now - withinMs);
}

/** Rows with one of these reasons that still stand. */
export function standing(evidence: Evidence, now: number, reasons: readonly string[], withinMs = LATELY_MS): SignInEvidence[] {
  return evidence.signIns.filter((row) => !isIn(row) && reasons.includes(row.reason) && row.lastAt > now - withinMs && !isOver(evidence, row, now));
}

/** Whether the account signed in from there, or with a program that says the same of itself, within the 30 days. */
export function isOwn({ signIns }: Evidence, { network, device }: Pick<SignInEvidence, 'network' | 'device'>): boolean {
  return signIns.some((row) => isIn(row) && ((row.network === network && network !== 'elsewhere') || (device !== '' && row.device === device)));
}

export const everIn = ({ signIns }: Evidence): boolean => signIns.some(isIn);

export type Device = { readonly guess: string; readonly rows: readonly SignInEvidence[]; readonly times: number; readonly firstAt: number; readonly lastAt: number };

/** Rows by device: one program has several, by IMAP and for sending. The latest first. */
export function byDevice(rows: readonly SignInEvidence[]): Device[] {
  const groups = new Map<string, SignInEvidence[]>();
  for (const row of rows) {
    const key = `${row.network}\0${row.deviceGuess.replace(/^perhaps /, '')}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()]
    .map((of) => ({
      guess: of.find(({ deviceGuess }) => !deviceGuess.startsWith('perhaps '))?.deviceGuess ?? of[0]!.deviceGuess,
      rows: of,
      times: of.reduce((sum, { times }) => sum + times, 0),
      firstAt: Math.min(...of.map(({ firstAt }) => firstAt)),
      lastAt: Math.max(...of.map(({ lastAt }) => lastAt)),
    }))
    .toSorted((a, b) => b.lastAt - a.lastAt);
}

/** `; webmail works`: what got in lately, other than these; one that says the same of itself would not be told apart. Empty where nothing did. */
export function worksBeside(evidence: Evidence, now: number, besides: readonly SignInEvidence[]): string {
  const inTrouble = new Set(besides.map(({ deviceGuess }) => deviceGuess.replace(/^perhaps /, '')));
  const others = working(evidence, now).filter(({ deviceGuess }) => !inTrouble.has(deviceGuess.replace(/^perhaps /, '')));
  const [first] = others;
  if (first === undefined) return '';
  return others.some(({ protocol }) => protocol === 'webmail') ? '; webmail works' : `; ${namedWithin(first.deviceGuess)} works`;
}

/**
 * Faults before any sign-in, lately, of devices that are not known to be right since. They say no name, so another device
 * at the same place may come in all the time: what ends one is a program that came in after it for the first time, or,
 * when it has not come again for longer than most programs wait, any that did.
 */
export function atTheDoor({ door, signIns }: Evidence, now: number, fault: DoorEvidence['fault']): DoorEvidence[] {
  return door.filter(({ fault: is, network, lastAt }) => {
    if (is !== fault || lastAt <= now - LATELY_MS) return false;
    const since = signIns.filter((row) => isIn(row) && row.network === network && row.lastAt > lastAt);
    return lastAt > now - NOW_MS ? !since.some(({ firstAt }) => firstAt > lastAt) : since.length === 0;
  });
}
