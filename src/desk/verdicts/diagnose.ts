/**
 * The verdict on an account.
 *
 * Invariants: pure, and never throws, whatever the evidence. A password is called wrong only where a completed check said
 * so (a row `rejected`, or the locks, which count nothing else). Where no rule fits, it says that it does not know. What
 * customers and strangers named (devices, folders, app passwords) can turn no line round, break none, and make none endless.
 */
import { saidLine } from '#directory/seen/said.ts';
import type { Evidence } from '../screen/evidence.ts';
import { EVIDENCE_LINES, NOT_KNOWN, type Verdict } from './api.ts';
import { isOwn, LATELY_MS, standing } from './look.ts';
import { STATES, TROUBLES } from './order.ts';
import type { Rule } from './rule.ts';
import { clockTime, signInLine } from './words.ts';

/** @param now ms since the epoch */
export function diagnose(evidence: Evidence, now: number): Verdict {
  const { rule, line, evidence: lines, next, say } = first(TROUBLES, evidence, now) ?? (unexplained(evidence, now) ? undefined : first(STATES, evidence, now)) ?? notKnown(evidence, now);
  return { rule, line: readable(line), evidence: lines.slice(0, EVIDENCE_LINES).map(readable), next: { ...next, text: readable(next.text) }, say: readable(say) };
}

/** Longer than any rule's own words. */
const LONGEST = 600;
const readable = (text: string): string => saidLine(text, LONGEST);

function first(rules: readonly Rule[], evidence: Evidence, now: number): Verdict | undefined {
  for (const { name, find } of rules) {
    const found = find(evidence, now);
    if (found !== undefined) return { ...found, rule: name };
  }
  return undefined;
}

/** What strangers send is explained by that. */
const STRANGERS: ReadonlySet<string> = new Set(['secret', 'pair', 'account', 'crowded']);

/** Something of the customer's was refused within the day, and nothing says why. */
function unexplained(evidence: Evidence, now: number): boolean {
  const refused = evidence.signIns.filter(({ lastAt, reason, outcome }) => lastAt > now - LATELY_MS && outcome !== 'accepted' && outcome !== 'code-asked' && reason !== '');
  return standing(evidence, now, refused.map(({ reason }) => reason)).some((row) => !(STRANGERS.has(row.reason) && !isOwn(evidence, row)));
}

function notKnown(evidence: Evidence, now: number): Verdict {
  const [last] = evidence.signIns;
  return {
    rule: NOT_KNOWN,
    line: `What is the matter is not known: no rule fits${last === undefined ? '' : `; the last that came was at ${clockTime(last.lastAt, now)}`}.`,
    evidence: evidence.signIns.map((row) => signInLine(row, now)),
    next: { act: 'case.open', text: 'Have read out word for word what the device says, and open a case for level two with it.' },
    say: 'I cannot see from here what it is. Please read to me word for word what your device says; somebody who knows more will call you back.',
  };
}
