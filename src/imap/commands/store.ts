/** UID STORE and UID EXPUNGE. */
import { CausewayError } from '#errors/index.ts';
import type { Engine } from '../engine/engine.ts';
import { flagList } from './append.ts';
import { uidSet } from './fetch-meta.ts';

export type StoreMode = '+FLAGS' | '-FLAGS' | 'FLAGS';

export async function store(engine: Engine, uids: string, mode: StoreMode, flags: readonly string[]): Promise<void> {
  await engine.command({
    name: 'UID STORE',
    parts: [`UID STORE ${uidSet(uids)} ${mode}.SILENT (${flagList(flags)})`],
  });
}

/** Removes those of the messages that have \Deleted. Without UIDPLUS: 'refused', since EXPUNGE would take others along. */
export async function expunge(engine: Engine, uids: string): Promise<void> {
  if (!engine.capabilities.has('UIDPLUS') && !engine.capabilities.has('IMAP4REV2')) {
    throw new CausewayError('refused', 'the server cannot expunge by UID', { place: engine.place });
  }
  await engine.command({ name: 'UID EXPUNGE', parts: [`UID EXPUNGE ${uidSet(uids)}`] });
}
