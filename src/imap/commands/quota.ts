/** GETQUOTAROOT (RFC 9208, RFC 2087). */
import { textOf } from '#wire/imap/tokens.ts';
import type { Engine } from '../engine/engine.ts';
import { numberOf } from '../engine/fetch-response.ts';
import { type Mailbox, mailboxPart } from './mailbox-name.ts';

/** `resource`: STORAGE in units of 1024 bytes, MESSAGE. */
export type Quota = { readonly root: string; readonly resource: string; readonly used: number; readonly limit: number };

/** An account has one or two roots with one or two resources each. */
const QUOTA_LIMIT = 100;

/** Those of a mailbox; none where the server has no quotas. */
export async function quotas(engine: Engine, mailbox: Mailbox): Promise<Quota[]> {
  if (!engine.capabilities.has('QUOTA')) return [];
  const found: Quota[] = [];
  await engine.command({
    name: 'GETQUOTAROOT',
    parts: ['GETQUOTAROOT ', mailboxPart(mailbox)],
    wants: (response) => response.kind === 'data' && (response.name === 'QUOTA' || response.name === 'QUOTAROOT'),
    onData(response) {
      if (response.kind !== 'data' || response.name !== 'QUOTA') return;
      const [root, list] = response.tokens;
      for (let at = 0; list?.kind === 'list' && at + 2 < list.items.length && found.length < QUOTA_LIMIT; at += 3) {
        const used = numberOf(list.items[at + 1]);
        const limit = numberOf(list.items[at + 2]);
        if (used !== undefined && limit !== undefined) found.push({ root: textOf(root), resource: textOf(list.items[at]).toUpperCase(), used, limit });
      }
    },
  });
  return found;
}
