/** Which messages have which flags: of some, or of those that have changed (RFC 7162 section 3.1.4.1). */
import { CausewayError } from '#errors/index.ts';
import { parseFlags } from '#wire/imap/flags.ts';
import type { Engine } from '../engine/engine.ts';
import { fetchItems, uidOf } from '../engine/fetch-response.ts';
import { MESSAGE_LIMIT, uidSet } from './fetch-meta.ts';

/**
 * @param uids a UID set
 * @param changedSince only those whose mod-sequence is above it; with CONDSTORE, and never 0
 * @returns flags by UID; what the server tells of others besides is among them, and as true
 */
export async function fetchFlags(engine: Engine, uids: string, changedSince?: bigint): Promise<Map<number, readonly string[]>> {
  const found = new Map<number, readonly string[]>();
  await engine.command({
    name: 'UID FETCH',
    parts: [`UID FETCH ${uidSet(uids)} (UID FLAGS)${changedSince === undefined ? '' : ` (CHANGEDSINCE ${changedSince})`}`],
    wants: (response) => response.kind === 'data' && response.name === 'FETCH',
    onData(response) {
      const items = fetchItems(response);
      const uid = uidOf(items);
      const flags = items?.get('FLAGS');
      if (uid === undefined || flags === undefined) return;
      found.set(uid, parseFlags(flags));
      if (found.size > MESSAGE_LIMIT) throw new CausewayError('limit', `more than ${MESSAGE_LIMIT} messages`);
    },
  });
  return found;
}
