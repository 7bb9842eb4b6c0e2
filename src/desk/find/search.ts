/**
 * Finding people in memory, by any part of what is known of them.
 *
 * Invariants: every word that was typed is somewhere in what is known of an account, in any order, whatever accents and
 * case. The best comes first: what is exactly so, then what begins so, then what has it inside. A look at all of 28,000
 * accounts takes some milliseconds, so there is no index that could be out of step (bench/README.md).
 */
import { FOUND_MOST, type Found, type FoundAccount, QUERY_LENGTH } from './api.ts';

/** What is known of an account, for finding it. */
export type Person = {
  readonly id: number;
  readonly address: string;
  readonly state: FoundAccount['state'];
  readonly home: string;
  readonly loginNames: readonly string[];
  readonly recipients: readonly string[];
  /** Empty: not known, and so with the number. */
  readonly name: string;
  readonly number: string;
  /** Digits, after a `+` where there was one. */
  readonly phones: readonly string[];
};

export type Search = {
  put(person: Person): void;
  remove(id: number): void;
  clear(): void;
  size(): number;
  find(query: string): Found;
};

/** Between fields and before each: nobody types it. */
const BORDER = '\n';
/** Of one word in what is known of one account; an address stands there as a login name and a recipient too, once. */
const LOOKS = 5;
/** More words than a name, an address and a number have. */
const WORDS = 10;

type Entry = { readonly person: Person; /** Everything, folded. */ readonly text: string; /** The digits of phones and of the customer number. */ readonly digits: string };

export function createSearch(): Search {
  const entries = new Map<number, Entry>();

  return {
    put(person) {
      const { address, name, number, loginNames, recipients, phones } = person;
      const text = [...new Set([address, name, number, ...loginNames, ...recipients].map(folded))].filter(Boolean).join(BORDER);
      const digits = [...phones, number].map((each) => each.replaceAll(/\D/g, '')).filter(Boolean).join(BORDER);
      entries.set(person.id, { person, text: `${BORDER}${text}${BORDER}`, digits: `${BORDER}${digits}${BORDER}` });
    },
    remove: (id) => void entries.delete(id),
    clear: () => entries.clear(),
    size: () => entries.size,
    find(query) {
      const asked = folded(query.slice(0, QUERY_LENGTH)).trim();
      const words = asked.split(/\s+/).filter(Boolean).slice(0, WORDS);
      if (words.length === 0) return { accounts: [], total: 0 };
      const phone = phoneDigits(asked);
      const best: { entry: Entry; score: number }[] = [];
      let total = 0;
      for (const entry of entries.values()) {
        const score = Math.max(scoreOf(entry.text, words), phone === undefined ? 0 : scoreOf(entry.digits, [phone]));
        if (score === 0) continue;
        total += 1;
        if (best.length === FOUND_MOST && !comesBefore({ entry, score }, best.at(-1)!)) continue;
        const at = best.findLastIndex((each) => !comesBefore({ entry, score }, each)) + 1;
        best.splice(at, 0, { entry, score });
        if (best.length > FOUND_MOST) best.pop();
      }
      return { accounts: best.map(({ entry }) => asFound(entry.person, words, phone)), total };
    },
  };
}

/** Without case and accents: `Núñez` is found by `nunez`, and `STRASSE` finds `Straße`. */
function folded(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');
}

/** A whole query that is a phone number as people write them: without the zeros before it, which stand for the country's code. */
function phoneDigits(asked: string): string | undefined {
  if (!/^\+?[\d\s()./-]{3,}$/.test(asked)) return undefined;
  const digits = asked.replaceAll(/\D/g, '').replace(/^0+/, '');
  return digits.length >= 3 ? digits : undefined;
}

/** 0: a word is not in it. Else the more, the better each word fits. */
function scoreOf(text: string, words: readonly string[]): number {
  let sum = 0;
  for (const word of words) {
    const fit = fitOf(text, word);
    if (fit === 0) return 0;
    sum += fit;
  }
  return sum;
}

/** 8: a field is the word. 6: a part of one is (`nunez` in `m.nunez@isp.example`). 4: one begins with it. 2: one ends with it. 1: it is inside. */
function fitOf(text: string, word: string): number {
  let best = 0;
  for (let at = text.indexOf(word), looks = 0; at >= 0 && looks < LOOKS && best < 8; at = text.indexOf(word, at + 1), looks += 1) {
    const [before, after] = [text[at - 1]!, text[at + word.length]!];
    const [begins, ends] = [isEdge(before), isEdge(after)];
    best = Math.max(best, before === BORDER && after === BORDER ? 8 : begins && ends ? 6 : begins ? 4 : ends ? 2 : 1);
  }
  return best;
}

const isEdge = (char: string): boolean => /[^\p{L}\p{N}]/u.test(char);

type Scored = { readonly entry: Entry; readonly score: number };

function comesBefore(a: Scored, b: Scored): boolean {
  if (a.score !== b.score) return a.score > b.score;
  const [first, second] = [a.entry.person.address, b.entry.person.address];
  return first < second;
}

function asFound(person: Person, words: readonly string[], phone: string | undefined): FoundAccount {
  const { id, address, name, number, state, home } = person;
  const by = foundBy(person, words, phone);
  return { id, address, state, home, ...(name === '' ? {} : { name }), ...(number === '' ? {} : { customerNumber: number }), ...(by === undefined ? {} : { by }) };
}

/** What a technician would otherwise not see why it was found by. */
function foundBy({ address, name, number, phones, loginNames, recipients }: Person, words: readonly string[], phone: string | undefined): FoundAccount['by'] {
  const shown = folded(`${address}${BORDER}${name}`);
  const hidden = words.filter((word) => !shown.includes(word));
  if (hidden.length === 0) return undefined;
  const has = (text: string): boolean => hidden.some((word) => folded(text).includes(word));
  const phoned = phone === undefined ? undefined : phones.find((each) => each.includes(phone));
  if (phoned !== undefined) return { what: 'phone', text: phoned };
  if (number !== '' && (has(number) || (phone !== undefined && number.includes(phone)))) return { what: 'customer number', text: number };
  const login = loginNames.find(has);
  if (login !== undefined) return { what: 'login name', text: login };
  const recipient = recipients.find(has);
  return recipient === undefined ? undefined : { what: 'recipient', text: recipient };
}
