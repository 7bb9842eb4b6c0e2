/**
 * A mailbox as one session knows it: which message has which sequence number, and what the session has not been told.
 *
 * Invariants (RFC 3501 7.4.1, 5.5): a sequence number changes only when the session is told, so an expunged message
 * keeps its place here until then. Notes are taken when the mailbox changes; telling costs only what has changed.
 */
import type { Mailbox, Message } from '../maildir/mailbox.ts';
import type { Range } from '#wire/imap/sequence-set.ts';
import { MOST_KEYWORDS, SYSTEM_FLAGS } from '../maildir/flags.ts';

export type View = {
  readonly mailbox: Mailbox;
  readonly readOnly: boolean;
  /** By sequence number less one. */
  messages(): readonly Message[];
  /** Sequence numbers of a set, rising; numbers that are not there are left out. */
  resolve(set: readonly Range[], byUid: boolean): number[];
  /** Flags the session must be told of even if they are what they were. */
  tell(message: Message): void;
  /** Whether a change of the message waits to be told. */
  mustTell(message: Message): boolean;
  /** The session knows the message's flags. */
  told(message: Message): void;
  /** Untagged lines for all that has changed. EXPUNGE only if `expunges`. */
  changes(expunges: boolean): string[];
  /** Called at each note, while set: IDLE. */
  onNote: (() => void) | undefined;
  /** The mailbox was deleted. */
  lost(): boolean;
  flagLines(): string[];
  close(): void;
};

export function createView(mailbox: Mailbox, readOnly: boolean): View {
  let messages = [...mailbox.messages];
  let highest = mailbox.uidNext() - 1;
  let arrived = false;
  let removed = false;
  let lost = false;
  let keywords = mailbox.keywords.names.length;
  const changed = new Set<Message>();

  const note = (): void => view.onNote?.();
  const unwatch = mailbox.watch({
    arrived() {
      arrived = true;
      note();
    },
    changed(message) {
      changed.add(message);
      note();
    },
    removed() {
      removed = true;
      note();
    },
    deleted() {
      lost = true;
      note();
    },
  });

  /** Index of the first message with this UID or a higher one. */
  function indexOf(list: readonly Message[], uid: number): number {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((list[middle] as Message).uid < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function flagLines(): string[] {
    const names = [...SYSTEM_FLAGS, ...mailbox.keywords.names].join(' ');
    const more = mailbox.keywords.names.length < MOST_KEYWORDS ? ' \\*' : '';
    return [`* FLAGS (${names})`, `* OK [PERMANENTFLAGS (${readOnly ? '' : names + more})] Flags that stay.`];
  }

  const view: View = {
    mailbox,
    readOnly,
    messages: () => messages,
    resolve(set, byUid) {
      const top = byUid ? (messages.at(-1)?.uid ?? 0) : messages.length;
      const found = new Set<number>();
      for (const [a, b] of set) {
        const first = Math.min(a, b, top);
        const last = Math.max(a === Infinity ? top : a, b === Infinity ? top : b);
        // `9:*` holds the highest message even when that is below 9; `9:12` does not.
        if (a !== Infinity && b !== Infinity && Math.min(a, b) > top) continue;
        const from = byUid ? indexOf(messages, first) : first - 1;
        const to = byUid ? indexOf(messages, last + 1) : Math.min(last, messages.length);
        for (let index = Math.max(0, from); index < to; index += 1) found.add(index + 1);
      }
      return set.length === 1 ? [...found] : [...found].sort((x, y) => x - y);
    },
    tell: (message) => changed.add(message),
    mustTell: (message) => changed.has(message),
    told: (message) => changed.delete(message),
    changes(expunges) {
      const lines: string[] = [];
      if (mailbox.keywords.names.length !== keywords) {
        keywords = mailbox.keywords.names.length;
        lines.push(...flagLines());
      }
      for (const message of changed) {
        if (message.gone || message.uid > highest) continue;
        const number = indexOf(messages, message.uid) + 1;
        lines.push(`* ${number} FETCH (UID ${message.uid} FLAGS (${mailbox.keywords.flags(message.flags).join(' ')}))`);
      }
      changed.clear();
      if (expunges && removed) {
        for (let index = messages.length - 1; index >= 0; index -= 1) {
          if (messages[index]?.gone) lines.push(`* ${index + 1} EXPUNGE`);
        }
        messages = messages.filter((message) => !message.gone);
        removed = false;
      }
      if (arrived) {
        const fresh = mailbox.messages.slice(indexOf(mailbox.messages, highest + 1));
        highest = mailbox.uidNext() - 1;
        arrived = false;
        if (fresh.length > 0) {
          for (const message of fresh) messages.push(message);
          lines.push(`* ${messages.length} EXISTS`, '* 0 RECENT');
        }
      }
      return lines;
    },
    onNote: undefined,
    lost: () => lost,
    flagLines,
    close: unwatch,
  };
  return view;
}
