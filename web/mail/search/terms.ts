/**
 * What is typed into the search box, as terms, and back.
 *
 * Invariants: whatever is typed has terms; what is no operator is a word. `writeTerms` of terms reads as the same terms.
 * Nothing typed is given on as syntax: values go to the server as JSON.
 */
export const TEXT_FIELDS = ['from', 'to', 'cc', 'subject', 'body'] as const;
export type TextField = (typeof TEXT_FIELDS)[number] | 'text';

export const STATES = ['unread', 'read', 'flagged', 'unflagged', 'answered', 'unanswered', 'draft'] as const;
export type State = (typeof STATES)[number];

export type Term = { readonly not: boolean } & (
  | { readonly field: TextField; readonly value: string }
  | { readonly field: 'is'; readonly value: State }
  | { readonly field: 'has'; readonly value: 'attachment' }
  /** A day, a month or a year: 2026-11-26, 2026-11, 2026. */
  | { readonly field: 'before' | 'after' | 'on'; readonly value: string }
  /** A mailbox by name or role; `anywhere` has junk and trash, too. */
  | { readonly field: 'in'; readonly value: string }
  /** 500, 500k, 10M: octets, as the messages have them. */
  | { readonly field: 'larger' | 'smaller'; readonly value: string }
);

/** As many as the server takes of one condition. */
const MOST_TERMS = 50;

const TOKEN = /(-?)(?:([a-z]+):)?(?:"((?:[^"\\]|\\.)*)"?|(\S+))/giu;
const DAY = /^\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/;
const SIZE = /^\d{1,9}[km]?$/i;

export function readTerms(typed: string): Term[] {
  const terms: Term[] = [];
  for (const [whole, minus = '', operator, quoted, bare] of typed.matchAll(TOKEN)) {
    if (terms.length === MOST_TERMS) break;
    const value = bare ?? (quoted ?? '').replaceAll(/\\(.)/gs, '$1');
    const not = minus === '-';
    const term = operator === undefined ? undefined : termOf(operator.toLowerCase(), value, not);
    if (term !== undefined) terms.push(term);
    else if (operator === undefined && value !== '') terms.push({ field: 'text', value, not });
    // `http://…`, or `before:soon`: a word that has a colon.
    else if (operator !== undefined && whole.length > operator.length + 1 + minus.length) terms.push({ field: 'text', value: `${operator}:${value}`, not });
  }
  return terms;
}

function termOf(field: string, value: string, not: boolean): Term | undefined {
  if (value === '') return undefined;
  const lower = value.toLowerCase();
  switch (field) {
    case 'from': case 'to': case 'cc': case 'subject': case 'body':
      return { field, value, not };
    case 'is':
      return STATES.some((state) => state === lower) ? { field, value: lower as State, not } : undefined;
    case 'has':
      return lower === 'attachment' ? { field, value: lower, not } : undefined;
    case 'before': case 'after': case 'on':
      return DAY.test(value.replaceAll('/', '-')) ? { field, value: value.replaceAll('/', '-'), not } : undefined;
    case 'in':
      return { field, value, not };
    case 'larger': case 'smaller':
      return SIZE.test(value) ? { field, value, not } : undefined;
    default:
      return undefined;
  }
}

export function writeTerms(terms: readonly Term[]): string {
  return terms.map(writeTerm).join(' ');
}

export function writeTerm({ field, value, not }: Term): string {
  // A word that would be read as something else is quoted.
  const plain = field === 'text' ? /^[^\s"\-:][^\s":]*$/u : /^[^\s"]+$/u;
  const text = plain.test(value) ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
  return `${not ? '-' : ''}${field === 'text' ? '' : `${field}:`}${text}`;
}

/** The octets of `larger:` and `smaller:`. */
export function octetsOf(size: string): number {
  const unit = { k: 1_000, m: 1_000_000 }[size.at(-1)?.toLowerCase() ?? ''] ?? 1;
  return Number.parseInt(size, 10) * unit;
}
