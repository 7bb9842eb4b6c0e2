/**
 * What the search box offers while one types: whole searches, the likeliest first.
 *
 * Invariant: each suggestion holds all that was typed before its last word, so none loses what is there.
 */
import type { Address } from '../api/types.ts';
import { readTerms, type Term, writeTerms } from './terms.ts';

export type Suggestion = {
  /** What is searched when it is chosen. */
  readonly query: string;
  /** The term that it adds. */
  readonly term: Term;
  /** Who it is, where it is a person. */
  readonly name: string | undefined;
};

const MOST_PEOPLE = 4;
const MOST = 8;

/**
 * @param people whom the page has seen
 * @param place the mailbox that is open
 * @param weekAgo 2026-11-19
 */
export function suggest(typed: string, people: Iterable<Address>, place: string | undefined, weekAgo: string): Suggestion[] {
  const terms = readTerms(typed);
  const last = terms.at(-1);
  const isWord = last?.field === 'text' && !last.not && !/\s$/.test(typed);
  const before = isWord ? terms.slice(0, -1) : terms;
  const offer = (term: Term, name?: string): Suggestion => ({ query: writeTerms([...before, term]), term, name });
  const has = (term: Term): boolean => terms.some((one) => one.field === term.field && one.value === term.value);
  const found: Suggestion[] = [];
  if (isWord) {
    const wanted = last.value.toLowerCase();
    const seen = new Set<string>();
    for (const { name, email } of people) {
      const address = email.toLowerCase();
      if (seen.has(address) || seen.size === MOST_PEOPLE) continue;
      const parts = [address, ...(name ?? '').toLowerCase().split(/[\s"'().,]+/)];
      if (!parts.some((part) => part.startsWith(wanted))) continue;
      seen.add(address);
      found.push(offer({ field: 'from', value: email, not: false }, name ?? undefined));
    }
    if (found.length === 0) found.push(offer({ field: 'from', value: last.value, not: false }));
    found.push(offer({ field: 'subject', value: last.value, not: false }));
  }
  const rest: Term[] = [
    { field: 'is', value: 'unread', not: false },
    { field: 'has', value: 'attachment', not: false },
    { field: 'after', value: weekAgo, not: false },
    ...(place === undefined || terms.some(({ field }) => field === 'in') ? [] : [{ field: 'in', value: place, not: false } as const]),
  ];
  // These stand beside the word that is being typed.
  for (const term of rest) if (!has(term)) found.push({ query: writeTerms([...terms, term]), term, name: undefined });
  return found.slice(0, MOST);
}
