/** What is known of messages without their bytes. */
import { CausewayError } from '#errors/index.ts';
import { parseFlags } from '#wire/imap/flags.ts';
import { isNil, textOf } from '#wire/imap/tokens.ts';
import type { Engine } from '../engine/engine.ts';
import { fetchItems, numberOf, uidOf } from '../engine/fetch-response.ts';

export type MessageMeta = {
  uid: number;
  flags: string[];
  /** As sent: `"17-Jul-1996 02:44:25 -0700"` without the quotes; may be malformed; empty where the server has none. */
  internalDate: string;
  /** RFC822.SIZE: some servers are wrong about it. */
  size: number;
};

/** Some 200 bytes each. More than that in one mailbox is to be asked for by ranges of UIDs. */
const MESSAGE_LIMIT = 1_000_000;

/** Keywords are few (Maildir has 26 a mailbox) and the same on many messages. */
const SHARED_WORDS = 4096;

/**
 * @param uids a UID set, for example `1:*`, which also asks for the last message when its UID is below the range's start
 * @returns in the order of the server's answers, each UID once; UIDs that no message has are absent
 */
export async function fetchMeta(engine: Engine, uids: string): Promise<MessageMeta[]> {
  const found = new Map<number, MessageMeta>();
  const words = new Map<string, string>();

  function shared(word: string): string {
    const known = words.get(word);
    if (known !== undefined) return known;
    if (words.size < SHARED_WORDS) words.set(word, word);
    return word;
  }

  await engine.command({
    name: 'UID FETCH',
    parts: [`UID FETCH ${uidSet(uids)} (UID FLAGS INTERNALDATE RFC822.SIZE)`],
    wants: (response) => response.kind === 'data' && response.name === 'FETCH',
    onData(response) {
      const items = fetchItems(response);
      const uid = uidOf(items);
      // News of another message's flags may come without a UID.
      if (items === undefined || uid === undefined) return;
      const message = found.get(uid) ?? { uid, flags: [], internalDate: '', size: -1 };
      const flags = items.get('FLAGS');
      const date = items.get('INTERNALDATE');
      if (flags !== undefined) message.flags = parseFlags(flags).map(shared);
      if (date !== undefined && !isNil(date)) message.internalDate = textOf(date);
      message.size = numberOf(items.get('RFC822.SIZE')) ?? message.size;
      found.set(uid, message);
      if (found.size > MESSAGE_LIMIT) throw new CausewayError('limit', `more than ${MESSAGE_LIMIT} messages`);
    },
  });
  // One without a size is not an answer, but news of a flag.
  return [...found.values()].filter((message) => message.size >= 0);
}

/** Throws CausewayError 'input' on what is no sequence set. */
export function uidSet(uids: string): string {
  if (!/^[0-9:,*]+$/.test(uids)) throw new CausewayError('input', 'expected a set of UIDs');
  return uids;
}
