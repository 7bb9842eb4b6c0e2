/**
 * Which successes people wait for: those after a failure. A program that goes on as ever is no news.
 *
 * Invariants: from the moment at which a program of an account did not get in, the next success of each of the account's
 * programs is news, once, and so again when another begins to fail; one that merely goes on failing (a forgotten tablet
 * with the old password) makes none of the others'. Once nothing of the account fails any more, nothing is remembered.
 * What is remembered is the tally's programs at most: who is forgotten there is forgotten here.
 */
import type { SignInOutcome, SignInReason } from '#directory/secrets/sign-in-seen.ts';

export type News = {
  /** @returns when it is told; undefined: there is no news in it */
  of(program: Program, outcome: SignInOutcome, reason: SignInReason): Telling | undefined;
  forget(program: Program): void;
};

export type Telling = { /** From now on. */ readonly inMs: number; /** And not more often. */ readonly everyMs: number };

export type Program = { readonly accountId: number; readonly protocol: string; readonly network: string; readonly device: string };

/** What a caller calls about is right to the minute; 28,000 programs in an outage, each trying every five, are a hundred rows a second. */
const REFUSED: Telling = { inMs: 0, everyMs: 60_000 };
/** A technician who hears "now it works" sees it; two programs behind one address, of which one is wrong, are no more than this. */
const CAME_IN: Telling = { inMs: 0, everyMs: 15_000 };
/** Of who was shut out: whether the home lets somebody in is known by then (gateway/connection.ts). Until it does, each attempt is a right secret and a refusal. */
const JUDGED: Telling = { inMs: 20_000, everyMs: 60_000 };
/** Who is judged before. */
const AFTER_RIGHT: ReadonlySet<string> = new Set(['platform', 'no-service', 'in-use']);

/**
 * How a program fared last. `judged`: its secret was right, and the home, which had not let it in, is still to answer; the
 * next success tells how. `in`: it got in after all that fails now had begun to.
 */
type Fared = 'failed' | 'code-wrong' | 'shut-out' | 'judged' | 'in';

export function createNews(): News {
  /** Of accounts of which something fails. */
  const troubled = new Map<number, Map<string, Fared>>();

  function failed(accountId: number, program: string, fared: Fared): void {
    const programs = troubled.get(accountId) ?? new Map<string, Fared>();
    troubled.set(accountId, programs);
    const before = programs.get(program);
    if (before === undefined || before === 'in') for (const [each, how] of programs) if (how === 'in') programs.delete(each);
    programs.set(program, fared);
  }

  function cameIn(accountId: number, program: string, codeAsked: boolean): Telling | undefined {
    const programs = troubled.get(accountId);
    const before = programs?.get(program);
    // A code is asked for again before each wrong one.
    if (programs === undefined || before === 'in' || (before === 'code-wrong' && codeAsked)) return undefined;
    programs.set(program, before === 'shut-out' ? 'judged' : 'in');
    settle(accountId, programs);
    return before === 'shut-out' || before === 'judged' ? JUDGED : CAME_IN;
  }

  function settle(accountId: number, programs: ReadonlyMap<string, Fared>): void {
    if (![...programs.values()].some((how) => how !== 'in')) troubled.delete(accountId);
  }

  return {
    of(placed, outcome, reason) {
      const program = programOf(placed);
      if (outcome === 'accepted' || outcome === 'code-asked') return cameIn(placed.accountId, program, outcome === 'code-asked');
      failed(placed.accountId, program, AFTER_RIGHT.has(reason) ? 'shut-out' : reason === 'code' ? 'code-wrong' : 'failed');
      return REFUSED;
    },
    forget(placed) {
      const programs = troubled.get(placed.accountId);
      if (programs?.delete(programOf(placed)) === true) settle(placed.accountId, programs);
    },
  };
}

const programOf = ({ protocol, network, device }: Program): string => `${protocol}\0${network}\0${device}`;
