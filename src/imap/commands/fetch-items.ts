/** UID FETCH of any items but whole streamed bodies: envelopes, structures, sections. */
import { CausewayError } from '#errors/index.ts';
import { contains, parseSequenceSet } from '#wire/imap/sequence-set.ts';
import type { Token } from '#wire/imap/tokens.ts';
import type { Engine } from '../engine/engine.ts';
import { fetchItems as itemsOf, uidOf } from '../engine/fetch-response.ts';
import { uidSet } from './fetch-meta.ts';

export type FetchedItems = {
  readonly uid: number;
  /** By the server's names in upper case: `BODY[1.MIME]`, `BODY[HEADER.FIELDS (DATE FROM)]<0>`. */
  readonly items: ReadonlyMap<string, Token>;
};

/** An item as it may be asked for. BODY without PEEK would set \Seen. */
const ITEM = /^(?:UID|FLAGS|INTERNALDATE|RFC822\.SIZE|ENVELOPE|BODYSTRUCTURE|MODSEQ|PREVIEW|BODY\.PEEK\[(?:\d+(?:\.\d+)*)?(?:\.?(?:HEADER|TEXT|MIME|HEADER\.FIELDS \([!#-'*-9;-Z^-z|~ -]{1,2000}\)))?\](?:<\d{1,10}\.\d{1,10}>)?)$/;

/** Some 10 kB each at most, as long as sections are asked for in ranges. */
const MESSAGE_LIMIT = 100_000;

export type FetchItemsOptions = {
  /** Only messages whose flags changed, or that came, since this modification sequence (RFC 7162). */
  readonly changedSince?: bigint;
};

/**
 * @param onMessage gets each message's items once, as they come; what it throws the call rejects with
 * Messages that are gone are left out without a word. Literals are kept in memory: ask for ranges of large sections.
 */
export async function fetchItems(
  engine: Engine,
  uids: string,
  items: readonly string[],
  onMessage: (message: FetchedItems) => void,
  { changedSince }: FetchItemsOptions = {},
): Promise<void> {
  for (const item of items) if (!ITEM.test(item)) throw new CausewayError('input', 'an item that cannot be fetched');
  const asked = parseSequenceSet(uidSet(uids));
  const toEnd = asked.some((range) => range.includes(Infinity));
  const given = new Set<number>();
  let thrown: { readonly error: unknown } | undefined;
  const expected = items.map(nameOf);
  await engine.command({
    name: 'UID FETCH',
    parts: [`UID FETCH ${uids} (${['UID', ...items.filter((item) => item !== 'UID')].join(' ')})${changedSince === undefined ? '' : ` (CHANGEDSINCE ${changedSince})`}`],
    wants: (response) => response.kind === 'data' && response.name === 'FETCH',
    onData(response) {
      const found = itemsOf(response);
      const uid = uidOf(found);
      // News of flags that nobody asked for look like an answer without the rest.
      if (thrown !== undefined || found === undefined || uid === undefined || given.has(uid) || !(toEnd || contains(asked, uid, Infinity))) return;
      const names = [...found.keys()];
      if (!expected.every((name) => names.some((given_) => given_.startsWith(name)))) return;
      if (given.size >= MESSAGE_LIMIT) throw new CausewayError('limit', `more than ${MESSAGE_LIMIT} messages`);
      given.add(uid);
      try {
        onMessage({ uid, items: found });
      } catch (error) {
        thrown = { error };
      }
    },
  });
  if (thrown !== undefined) throw thrown.error;
}

/** What the answer's name begins with. Field names may come in another order or quoted, a range without its length. */
function nameOf(item: string): string {
  const fields = item.indexOf(' (');
  return (fields < 0 ? item : item.slice(0, fields)).replace('BODY.PEEK[', 'BODY[').replace(/<(\d+)\.\d+>$/, '<$1>').toUpperCase();
}
