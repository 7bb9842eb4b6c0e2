/**
 * Terms as a filter of Email/query (RFC 8621 section 4.4.1).
 *
 * Invariants: days are the reader's own. Junk and trash are left out unless a mailbox is named. A mailbox that there is not
 * finds nothing, and is told, rather than being left out of the question.
 */
import { octetsOf, type Term } from './terms.ts';

export type Condition = Readonly<Record<string, unknown>>;
export type Filter = Condition | { readonly operator: 'AND' | 'OR' | 'NOT'; readonly conditions: readonly Filter[] };

export type Place = { readonly id: string; readonly name: string; readonly role: string | null };

export type Question = {
  readonly filter: Filter;
  /** Of `in:`, as typed: there are no such mailboxes. */
  readonly unknownMailboxes: readonly string[];
};

export type Depth = 'lately' | 'heads' | 'all';

/** Days whose texts are read before all others: mostly it is there. */
const LATELY_DAYS = 30;

/** What of words a platform finds without reading the messages themselves. */
const HEADS = ['from', 'to', 'cc', 'subject'] as const;

/**
 * @param depth `heads`: words are looked for in names and subjects only, which takes a moment where the texts of 100,000
 * messages take minutes; `lately`: in the texts of the last LATELY_DAYS alone, which takes less
 * @param startOf the moment at which a day begins, by the reader's clock; months count from 0, and run over
 */
export function filterOf(terms: readonly Term[], mailboxes: readonly Place[], depth: Depth = 'all', startOf: (year: number, month: number, day: number) => Date = (year, month, day) => new Date(year, month, day), now: Date = new Date()): Question {
  const unknownMailboxes: string[] = [];
  const conditions = terms.flatMap((term): Filter[] => {
    const condition = conditionOf(term);
    if (condition === undefined) return [];
    return [term.not ? { operator: 'NOT', conditions: [condition] } : condition];
  });
  if (!terms.some(({ field, not }) => field === 'in' && !not)) {
    const aside = [...new Set(mailboxes.filter(({ role }) => role === 'junk' || role === 'trash').map(({ id }) => id))];
    if (aside.length > 0) conditions.push({ inMailboxOtherThan: aside });
  }
  if (depth === 'lately') {
    conditions.push({ after: `${startOf(now.getFullYear(), now.getMonth(), now.getDate() - LATELY_DAYS).toISOString().slice(0, 19)}Z` });
  }
  const [only] = conditions;
  return { filter: conditions.length === 1 && only !== undefined ? only : { operator: 'AND', conditions }, unknownMailboxes };

  function conditionOf(term: Term): Filter | undefined {
    switch (term.field) {
      case 'text':
        if (depth === 'heads') return { operator: 'OR', conditions: HEADS.map((field) => ({ [field]: phrase(term.value) })) };
        return { text: phrase(term.value) };
      case 'from': case 'to': case 'cc': case 'subject': case 'body':
        return { [term.field]: phrase(term.value) };
      case 'is':
        return stateCondition(term.value);
      case 'has':
        return { hasAttachment: true };
      case 'before':
        return { before: span(term.value, startOf).from };
      case 'after':
        return { after: span(term.value, startOf).to };
      case 'on': {
        const { from, to } = span(term.value, startOf);
        return { after: from, before: to };
      }
      case 'larger':
        return { minSize: octetsOf(term.value) };
      case 'smaller':
        return { maxSize: octetsOf(term.value) };
      case 'in':
        return inCondition(term.value);
    }
  }

  function inCondition(name: string): Filter | undefined {
    const wanted = name.normalize('NFC').toLowerCase();
    if (wanted === 'anywhere') return undefined;
    const found = mailboxes.filter((box) => box.role === wanted || box.name.toLowerCase() === wanted || box.id === name);
    if (found.length === 0) {
      unknownMailboxes.push(name);
      return { operator: 'OR', conditions: [] };
    }
    const each = found.map(({ id }) => ({ inMailbox: id }));
    return each.length === 1 ? each[0] : { operator: 'OR', conditions: each };
  }
}

/** In quotes it is one phrase to the server. */
function phrase(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

function stateCondition(state: string): Condition {
  switch (state) {
    case 'unread': return { notKeyword: '$seen' };
    case 'read': return { hasKeyword: '$seen' };
    case 'flagged': return { hasKeyword: '$flagged' };
    case 'unflagged': return { notKeyword: '$flagged' };
    case 'answered': return { hasKeyword: '$answered' };
    case 'unanswered': return { notKeyword: '$answered' };
    default: return { hasKeyword: '$draft' };
  }
}

/** `after:2026-11` is from December on, as `after:2026-11-26` is from the 27th on. */
function span(day: string, startOf: (year: number, month: number, day: number) => Date): { from: string; to: string } {
  const [year = 0, month, date] = day.split('-').map(Number);
  const from = startOf(year, (month ?? 1) - 1, date ?? 1);
  const to = month === undefined ? startOf(year + 1, 0, 1) : date === undefined ? startOf(year, month, 1) : startOf(year, month - 1, date + 1);
  const utc = (moment: Date): string => `${moment.toISOString().slice(0, 19)}Z`;
  return { from: utc(from), to: utc(to) };
}
