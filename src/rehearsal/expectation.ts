/**
 * What must be in an account at the end: its seed, and then its journal, act by act.
 *
 * Invariants: an act that was answered OK happened; one answered NO did not; one without an answer happened or did not,
 * once. So each message has a set of states that are possible, and what is found must be one of them.
 */
import type { JournalLine, MailAct, Outcome } from './journal.ts';

/** Where a message is and how it looks; `undefined` in a set of states: it is nowhere. */
export type State = {
  readonly mailbox: string;
  /** Sorted, system flags in lower case; \Recent left out. */
  readonly flags: string;
  /** Epoch ms; undefined where the platform chose it. */
  readonly internalDate: number | undefined;
};

export type Possible = {
  readonly sha: string;
  /** Keyed by their JSON; `gone` stands for nowhere. */
  readonly states: ReadonlyMap<string, State | 'gone'>;
};

export function flagsOf(flags: Iterable<string>): string {
  return [...flags].map((flag) => (flag.startsWith('\\') ? flag.toLowerCase() : flag)).filter((flag) => flag !== '\\recent').sort().join(' ');
}

const GONE = new Map<string, State | 'gone'>([['gone', 'gone']]);

function statesOf(list: Iterable<State | 'gone'>): Map<string, State | 'gone'> {
  return new Map([...list].map((state) => [JSON.stringify(state), state]));
}

/** More would mean a journal full of unanswered acts upon one message, which no run comes near. */
const MOST_STATES = 4_096;

/** Pairs each act with its outcome, in order. An act without an answer line is unknown. */
export function actsOf(lines: readonly JournalLine[]): { act: MailAct; outcome: Outcome }[] {
  const outcomes = new Map(lines.flatMap((line) => ('answer' in line ? [[line.answer, line.outcome] as const] : [])));
  return lines.flatMap((line) => ('id' in line ? [{ act: line, outcome: outcomes.get(line.id) ?? 'unknown' }] : []));
}

/** Moves `expected` (one account's, by key) on by one act. */
export function apply(expected: Map<string, Possible>, act: MailAct, outcome: Outcome): void {
  if (outcome === 'refused') return;
  const before = expected.get(act.key) ?? { sha: 'sha' in act ? act.sha : act.key, states: GONE };
  const after = new Map(outcome === 'unknown' ? before.states : []);
  // An act that was done upon a message in a mailbox proves that the message was there.
  const there = [...before.states.values()].filter((state) => act.act === 'append' || act.act === 'deliver' || (state !== 'gone' && state.mailbox === act.mailbox));
  for (const state of outcome === 'done' && there.length > 0 ? there : before.states.values()) {
    const next = transform(state, act);
    after.set(JSON.stringify(next), next);
  }
  if (after.size > MOST_STATES) throw new Error(`too many undecided acts upon ${act.key}`);
  expected.set(act.key, { sha: before.sha, states: after });
}

function transform(state: State | 'gone', act: MailAct): State | 'gone' {
  switch (act.act) {
    case 'append':
      return { mailbox: act.mailbox, flags: flagsOf(act.flags), internalDate: act.internalDate };
    case 'deliver':
      return { mailbox: 'INBOX', flags: '', internalDate: undefined };
    case 'flag': {
      if (state === 'gone' || state.mailbox !== act.mailbox) return state;
      const flags = new Set(state.flags.split(' ').filter((flag) => flag !== ''));
      for (const flag of act.add) flags.add(flagsOf([flag]));
      for (const flag of act.remove) flags.delete(flagsOf([flag]));
      return { ...state, flags: flagsOf(flags) };
    }
    case 'move':
      return state === 'gone' || state.mailbox !== act.mailbox ? state : { ...state, mailbox: act.to };
    case 'expunge':
      return state === 'gone' || state.mailbox !== act.mailbox ? state : 'gone';
  }
}

export function seeded(sha: string, state: State): Possible {
  return { sha, states: statesOf([state]) };
}

/** What a reader of a platform saw of one message. */
export type Seen = { readonly mailbox: string; readonly flags: string; readonly internalDate: number; readonly sha: string };

export type Tally = { missing: number; altered: number; doubled: number; examples: string[] };

/** Holds what was found of one key against what is possible. `copies` > 1 only for what the seed has more than once. */
export function hold(name: string, possible: Possible, copies: readonly State[] | undefined, found: readonly Seen[], tally: Tally): void {
  const tell = (what: 'missing' | 'altered' | 'doubled', count: number, detail: string): void => {
    if (count <= 0) return;
    tally[what] += count;
    if (tally.examples.length < 20) tally.examples.push(`${what}: ${name}: ${detail}`);
  };
  if (copies !== undefined) {
    tell('missing', copies.length - found.length, `${found.length} of ${copies.length} copies`);
    tell('doubled', found.length - copies.length, `${found.length} of ${copies.length} copies`);
    const left = copies.map((copy) => JSON.stringify(copy));
    for (const seen of found) {
      const at = left.indexOf(JSON.stringify({ mailbox: seen.mailbox, flags: seen.flags, internalDate: seen.internalDate }));
      if (at !== -1 && seen.sha === possible.sha) left.splice(at, 1);
      else tell('altered', 1, JSON.stringify(seen));
    }
    return;
  }
  const states = [...possible.states.values()];
  if (found.length === 0) {
    if (!states.includes('gone')) tell('missing', 1, JSON.stringify(states[0]));
    return;
  }
  const mayBe = states.filter((state) => state !== 'gone');
  if (mayBe.length === 0) return tell('doubled', found.length, `it was deleted, and is in ${found[0]!.mailbox}`);
  tell('doubled', found.length - 1, `${found.length} copies`);
  const first = found[0]!;
  const fits = mayBe.some(
    (state) =>
      state.mailbox === first.mailbox &&
      state.flags === first.flags &&
      (state.internalDate === undefined || state.internalDate === first.internalDate),
  );
  if (first.sha !== possible.sha) tell('altered', 1, 'its bytes differ');
  else if (!fits) tell('altered', 1, `found ${JSON.stringify(first)}, expected ${JSON.stringify(mayBe[0])}`);
}
