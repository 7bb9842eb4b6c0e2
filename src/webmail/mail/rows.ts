/**
 * What lists showed of messages: from whom, of what, when, how the text begins.
 *
 * Invariants: only what can never be otherwise is kept: a UID names one message for ever (RFC 9051 section 2.3.1.1), so
 * whoever shows it asks the platform for its flags alone, and whether it is still there. An account has at most ROW_LIMIT;
 * all together are bounded by remembered.ts, and who is not kept is read again.
 */
import { createRecent, type Recent } from './recent.ts';

type Place = { readonly box: string; readonly uidValidity: number; readonly uid: number };

/** Properties by their names. */
export type Row = Readonly<Record<string, unknown>>;

export type Rows = {
  get(place: Place): Row | undefined;
  /** Beside what is known of it. */
  put(place: Place, row: Row): void;
  bytes(): number;
  clear(): void;
};

/** Two screens: those that a customer comes back to. Rows of five took 170 kB of each customer. */
const ROW_LIMIT = 100;
/** Characters: one with more has hundreds of recipients. */
const LONGEST = 4_000;
/** Of a row without its text: its key and its place in a map. */
const ROW_BYTES = 150;

export function createRows(): Rows {
  /** As JSON, which takes a fifth of what its objects would. */
  const empty = (): Recent<string> => createRecent(ROW_LIMIT, (text) => ROW_BYTES + text.length * (IS_WIDE.test(text) ? 2 : 1));
  let rows = empty();
  const keyOf = ({ box, uidValidity, uid }: Place): string => `${box}/${uidValidity}/${uid}`;

  function get(place: Place): Row | undefined {
    const text = rows.get(keyOf(place));
    return text === undefined ? undefined : (JSON.parse(text) as Row);
  }

  return {
    get,
    put(place, row) {
      const text = JSON.stringify({ ...get(place), ...row });
      if (text.length <= LONGEST) rows.set(keyOf(place), text);
    },
    bytes: () => rows.bytes(),
    clear: () => void (rows = empty()),
  };
}

/** V8 keeps a text in one byte a character, or, where one is beyond Latin-1, all of it in two. */
const IS_WIDE = /[^\0-\xff]/;
