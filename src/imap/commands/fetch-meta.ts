/** What is known of messages without their bytes. */
import { CausewayError } from '#errors/index.ts';
import { flagsOfWords, parseFlags } from '#wire/imap/flags.ts';
import { readMessageLine } from '#wire/imap/message-line.ts';
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
export const MESSAGE_LIMIT = 1_000_000;

/** Keywords are few (Maildir has 26 a mailbox) and the same on many messages, and so are sets of them. */
const SHARED_WORDS = 4096;

/** What one answer tells of a message; what it does not tell is absent. */
export type MessageNews = { readonly uid: number; readonly flags?: readonly string[]; readonly internalDate?: string; readonly size?: number };

const HIGHEST_UID = 0xffff_ffff;

/**
 * Hands on what the server tells of messages as it tells it, so that nobody has to hold all of it.
 * @param uids a UID set, for example `1:*`, which also asks for the last message when its UID is below the range's start
 * @param onNews in the order of the server's answers. A message is told of in one or in several, and again when its flags
 * change meanwhile; one that was not asked for, with its flags alone
 * @param changedSince only of those whose mod-sequence is above it, which messages that came since are, too (RFC 7162);
 * with CONDSTORE, and never 0
 */
export async function fetchNews(engine: Engine, uids: string, onNews: (news: MessageNews) => void, changedSince?: bigint): Promise<void> {
  let answers = 0;
  const sets = new Map<string, string[]>();

  function flagsIn(text: string): string[] {
    const known = sets.get(text);
    if (known !== undefined) return known;
    const flags = flagsOfWords(text.split(' ').filter((word) => word !== ''));
    if (sets.size < SHARED_WORDS) sets.set(text, flags);
    return flags;
  }

  function tell(news: MessageNews): void {
    if (news.uid < 1 || news.uid > HIGHEST_UID) throw new CausewayError('protocol', 'a UID that is none', { place: engine.place });
    answers += 1;
    if (answers > 2 * MESSAGE_LIMIT) throw new CausewayError('limit', `more than ${MESSAGE_LIMIT} messages`);
    onNews(news);
  }

  await engine.command({
    name: 'UID FETCH',
    parts: [`UID FETCH ${uidSet(uids)} (UID FLAGS INTERNALDATE RFC822.SIZE)${changedSince === undefined ? '' : ` (CHANGEDSINCE ${changedSince})`}`],
    wants: (response) => response.kind === 'data' && response.name === 'FETCH',
    onText(line) {
      const read = readMessageLine(line);
      if (read === undefined) return false;
      tell({ uid: read.uid, flags: flagsIn(read.flags), internalDate: read.internalDate, size: read.size });
      return true;
    },
    onData(response) {
      const items = fetchItems(response);
      const uid = uidOf(items);
      // News of another message's flags may come without a UID.
      if (items === undefined || uid === undefined) return;
      const flags = items.get('FLAGS');
      const date = items.get('INTERNALDATE');
      const size = numberOf(items.get('RFC822.SIZE'));
      tell({
        uid,
        ...(flags === undefined ? {} : { flags: parseFlags(flags) }),
        ...(date === undefined || isNil(date) ? {} : { internalDate: textOf(date) }),
        ...(size === undefined ? {} : { size }),
      });
    },
  });
}

/**
 * The same, put together. @returns in the order of the server's answers, each UID once; UIDs that no message has are absent
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

  await fetchNews(engine, uids, ({ uid, flags, internalDate, size }) => {
    const message = found.get(uid) ?? { uid, flags: [], internalDate: '', size: -1 };
    if (flags !== undefined) message.flags = flags.map(shared);
    message.internalDate = internalDate ?? message.internalDate;
    message.size = size ?? message.size;
    found.set(uid, message);
    if (found.size > MESSAGE_LIMIT) throw new CausewayError('limit', `more than ${MESSAGE_LIMIT} messages`);
  });
  // One without a size is not an answer, but news of a flag.
  return [...found.values()].filter((message) => message.size >= 0);
}

/** Throws CausewayError 'input' on what is no sequence set. */
export function uidSet(uids: string): string {
  if (!/^[0-9:,*]+$/.test(uids)) throw new CausewayError('input', 'expected a set of UIDs');
  return uids;
}
