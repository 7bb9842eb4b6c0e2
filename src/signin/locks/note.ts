/**
 * What one instance tells the others of an attempt, as one line of a batch.
 *
 * Invariant: digests, a network and numbers; nothing that a client sent. A batch is sealed with a key from outside, so
 * what is read was written by an instance with the same key, which alone makes the same digests.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Network } from './network.ts';

export type Note =
  /** A distinct wrong secret came for a subject. `plain`: the secret's digest on every account. */
  | { readonly is: 'wrong'; readonly subject: number; readonly version: number; readonly network: Network; readonly secret: number; readonly plain: number }
  /** A right one did. `checked`: it was found right just now. Without `secret`: one that is not to be remembered. */
  | { readonly is: 'right'; readonly subject: number; readonly network: Network; readonly secret: number | undefined; readonly how: 'checked' | 'held' };

/** Kind, subject, version (or 1 for `checked`), network (text, key, shared range), secret, plain. */
type Packed = readonly ['w' | 'r', number, number, string, number, number | null, number | null, number];

export type Batch = { readonly notes: string; readonly seal: Buffer };

export function sealBatch(notes: readonly Note[], key: Buffer): Batch {
  const text = JSON.stringify(notes.map(pack));
  return { notes: text, seal: sealOf(text, key) };
}

/** @returns undefined when the batch was sealed with another key */
export function openBatch({ notes, seal }: Batch, key: Buffer): Note[] | undefined {
  const expected = sealOf(notes, key);
  if (seal.length !== expected.length || !timingSafeEqual(seal, expected)) return undefined;
  return (JSON.parse(notes) as Packed[]).map(unpack);
}

function sealOf(text: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(text, 'utf8').digest();
}

function pack(note: Note): Packed {
  const { text, key, shared } = note.network;
  const network = [text, key, shared ?? null] as const;
  if (note.is === 'wrong') return ['w', note.subject, note.version, ...network, note.secret, note.plain];
  return ['r', note.subject, note.how === 'checked' ? 1 : 0, ...network, note.secret ?? null, 0];
}

function unpack([kind, subject, number, text, key, shared, secret, plain]: Packed): Note {
  const network = { text, key, shared: shared ?? undefined };
  if (kind === 'w') return { is: 'wrong', subject, version: number, network, secret: secret!, plain };
  return { is: 'right', subject, network, secret: secret ?? undefined, how: number === 1 ? 'checked' : 'held' };
}
