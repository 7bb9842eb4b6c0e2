/** Commands about one mailbox that are a line and an answer. */
import { textOf } from '#wire/imap/tokens.ts';
import type { Engine } from '../engine/engine.ts';
import { numberOf } from '../engine/fetch-response.ts';
import { type Mailbox, mailboxPart } from './mailbox-name.ts';

export type StatusItem = 'MESSAGES' | 'UIDNEXT' | 'UIDVALIDITY' | 'UNSEEN' | 'RECENT' | 'SIZE' | 'DELETED' | 'HIGHESTMODSEQ';

export async function mailboxCommand(
  engine: Engine,
  verb: 'CREATE' | 'DELETE' | 'SUBSCRIBE' | 'UNSUBSCRIBE',
  mailbox: Mailbox,
): Promise<void> {
  await engine.command({ name: verb, parts: [`${verb} `, mailboxPart(mailbox)] });
}

/** What the server did not give is absent. */
export async function status(
  engine: Engine,
  mailbox: Mailbox,
  items: readonly StatusItem[],
): Promise<Partial<Record<StatusItem, number>>> {
  const found: Partial<Record<StatusItem, number>> = {};
  await engine.command({
    name: 'STATUS',
    parts: ['STATUS ', mailboxPart(mailbox), ` (${items.join(' ')})`],
    wants: (response) => response.kind === 'data' && response.name === 'STATUS',
    onData(response) {
      const list = response.kind === 'data' ? response.tokens.at(-1) : undefined;
      if (list?.kind !== 'list') return;
      for (let at = 0; at + 1 < list.items.length; at += 2) {
        const name = textOf(list.items[at]).toUpperCase();
        const item = items.find((asked) => asked === name);
        if (item !== undefined) found[item] = numberOf(list.items[at + 1]);
      }
    },
  });
  return found;
}

/** Mailboxes below go along (RFC 9051 section 6.3.6). */
export async function rename(engine: Engine, from: Mailbox, to: Mailbox): Promise<void> {
  await engine.command({ name: 'RENAME', parts: ['RENAME ', mailboxPart(from), ' ', mailboxPart(to)] });
}
