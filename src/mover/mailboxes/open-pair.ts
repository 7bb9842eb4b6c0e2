/** Selects a pair of mailboxes, and names them in their present lives. */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Selected } from '#imap/commands/select.ts';
import { passingFailure } from '../failure.ts';
import type { Place } from '../ledger/ledger.ts';
import type { Pair } from './pairs.ts';
import type { Visit } from '../visit.ts';

export type Opened = { readonly source: Selected; readonly target: Selected };

export function examineSource(visit: Visit, pair: Pick<Pair, 'sourceMailbox' | 'sourceRef'>): Promise<Selected> {
  return visit.source.examine(pair.sourceRef).catch((error: unknown) => {
    throw asMailboxFailure(error, `the source does not open "${pair.sourceMailbox}"`);
  });
}

export function selectTarget(visit: Visit, { targetMailbox }: Pick<Pair, 'targetMailbox'>): Promise<Selected> {
  return visit.target.select(targetMailbox).catch((error: unknown) => {
    throw asMailboxFailure(error, `the target does not open "${targetMailbox}"`);
  });
}

/** What is under way already. */
type Begun = { readonly examined?: Promise<Selected> | undefined; readonly selected?: Promise<Selected> | undefined };

/** Selects both mailboxes anew, the source's read-only. */
export async function openPair(visit: Visit, pair: Pair, { examined, selected }: Begun = {}): Promise<Opened> {
  const [source, target] = await Promise.all([examined ?? examineSource(visit, pair), selected ?? selectTarget(visit, pair)]);
  // Another may have been needed once more since.
  return { source, target: isSelected(visit, pair) ? target : await selectTarget(visit, pair) };
}

function isSelected({ target }: Visit, { targetMailbox }: Pick<Pair, 'targetMailbox'>): boolean {
  return target.selected?.mailbox === targetMailbox;
}

/** For who needs the target's mailbox selected when that of the next pair may be so already. */
export async function selectAgain(visit: Visit, wanted: Pick<Place, 'targetMailbox' | 'targetUidValidity'>): Promise<void> {
  if (isSelected(visit, wanted)) return;
  const { uidValidity } = await selectTarget(visit, wanted);
  if (uidValidity !== wanted.targetUidValidity) throw passingFailure('mailbox', `"${wanted.targetMailbox}" was replaced at the target while it was being filled`);
}

export function placeOf({ move }: Visit, pair: Pair, opened: Opened): Place {
  return place(move, pair, opened.source.uidValidity, opened.target.uidValidity);
}

/** As it is written down. @returns undefined before the first pass */
export function knownPlace({ move }: Visit, pair: Pair): Place | undefined {
  const { sourceUidValidity, targetUidValidity } = pair;
  return sourceUidValidity === null || targetUidValidity === null ? undefined : place(move, pair, sourceUidValidity, targetUidValidity);
}

function place(move: Visit['move'], pair: Pair, sourceUidValidity: number, targetUidValidity: number): Place {
  const { account_id: accountId, source, target } = move;
  return { accountId, source, target, mailbox: pair.sourceMailbox, sourceUidValidity, targetMailbox: pair.targetMailbox, targetUidValidity };
}

function asMailboxFailure(error: unknown, what: string): unknown {
  if (!(error instanceof CausewayError)) return error;
  // A mailbox with which the session goes, each time, is to be known by its name.
  if (error.code === 'unavailable') return new CausewayError('unavailable', `${what}: ${error.message}`, { cause: error });
  if (error.code !== 'refused') return error;
  return passingFailure('mailbox', `${what}: ${messageOf(error)}`, error);
}

/** Pairs whose commands are on their way: two dozen are some 3 kB, which every server reads ahead, and most accounts have fewer. */
const AHEAD = 24;

/** Many pairs at once, their commands one behind the other: whoever selects one and asks for something does so in one turn. */
export async function eachPair(pairs: readonly Pair[], work: (pair: Pair) => Promise<void>): Promise<void> {
  const waiting = [...pairs];
  const next = async (): Promise<void> => {
    for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) await work(pair);
  };
  await Promise.all(Array.from({ length: AHEAD }, next));
}
