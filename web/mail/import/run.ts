/**
 * Messages of files, put into a mailbox (Email/import, RFC 8621 section 4.8).
 *
 * Invariants: at most one group of messages is in memory, however large the file. A message that is no mail or too large
 * does not keep the others out. When it ends early it is said how many are there, and none is sent twice.
 */
import { call } from '../api/http.ts';
import { jmapOne } from '../api/jmap.ts';
import { getSession, uploadUrl } from '../api/session.ts';
import type { SetAnswer } from '../api/types.ts';
import { splitMbox } from './mbox.ts';
import { factsOf, isMbox, isMessage } from './message.ts';

export type ImportProgress = { readonly done: number; readonly failed: number; readonly bytes: number; readonly totalBytes: number };
export type ImportOutcome = ImportProgress & { readonly ended: 'done' | 'stopped' | 'full' | 'broken' };

/** Messages that are uploaded at once and imported by one request: as many uploads as the server takes from one browser. */
const GROUP = 4;
const CORE = 'urn:ietf:params:jmap:core';

type Message = { readonly bytes: Uint8Array<ArrayBuffer>; readonly receivedAt: number | undefined };

/** How messages get to the server; for tests. */
export type Deliver = (group: readonly Message[], signal: AbortSignal) => Promise<{ readonly done: number; readonly failed: number; readonly isFull: boolean }>;

export async function importFiles(files: readonly File[], deliver: Deliver, maxBytes: number, { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: ImportProgress) => void }): Promise<ImportOutcome> {
  let progress: ImportProgress = { done: 0, failed: 0, bytes: 0, totalBytes: files.reduce((sum, { size }) => sum + size, 0) };
  const tell = (change: Partial<ImportProgress>): void => {
    progress = { ...progress, ...change };
    onProgress(progress);
  };
  let group: Message[] = [];
  const flush = async (): Promise<boolean> => {
    if (group.length === 0) return true;
    const { done, failed, isFull } = await deliver(group, signal);
    group = [];
    tell({ done: progress.done + done, failed: progress.failed + failed });
    return !isFull;
  };
  try {
    for (const file of files) {
      for await (const message of messagesOf(file, maxBytes, (bytes) => tell({ bytes: progress.bytes + bytes }))) {
        if (signal.aborted) return { ...progress, ended: 'stopped' };
        if (message === undefined) {
          tell({ failed: progress.failed + 1 });
          continue;
        }
        group.push(message);
        if (group.length === GROUP && !(await flush())) return { ...progress, ended: 'full' };
      }
    }
    const ended = (await flush()) ? 'done' : 'full';
    return { ...progress, ended };
  } catch {
    return { ...progress, ended: signal.aborted ? 'stopped' : 'broken' };
  }
}

/** @returns undefined for what is none, or is too large */
async function* messagesOf(file: File, maxBytes: number, onBytes: (count: number) => void): AsyncGenerator<Message | undefined> {
  const head = new Uint8Array(await file.slice(0, 200).arrayBuffer());
  if (!isMbox(head)) {
    onBytes(file.size);
    yield isMessage(head) && file.size <= maxBytes ? { bytes: new Uint8Array(await file.arrayBuffer()), receivedAt: undefined } : undefined;
    return;
  }
  for await (const message of splitMbox(chunksOf(file, onBytes), maxBytes)) yield 'bytes' in message && isMessage(message.bytes) ? message : undefined;
}

async function* chunksOf(file: File, onBytes: (count: number) => void): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      onBytes(step.value.length);
      yield step.value;
    }
  } finally {
    await reader.cancel();
  }
}

/** Octets of one message that the server takes. */
export const mostBytes = (): number => Number(getSession().capabilities[CORE]?.['maxSizeUpload'] ?? 25_000_000);

export function deliverInto(mailboxId: string): Deliver {
  return async (group, signal) => {
    const blobs = await Promise.all(group.map(({ bytes }) => call<{ readonly blobId: string }>(uploadUrl(), { method: 'POST', body: new Blob([bytes]), type: 'message/rfc822', signal })));
    const emails = Object.fromEntries(
      group.map(({ bytes, receivedAt }, n) => {
        const facts = factsOf(bytes);
        const moment = receivedAt ?? facts.receivedAt;
        return [`m${n}`, { blobId: blobs[n]?.blobId, mailboxIds: { [mailboxId]: true }, keywords: Object.fromEntries(['$seen', ...facts.keywords].map((keyword) => [keyword, true])), ...(moment === undefined ? {} : { receivedAt: `${new Date(moment).toISOString().slice(0, 19)}Z` }) }];
      }),
    );
    // Not ended by `signal`: what was begun is counted.
    const { created, notCreated } = await jmapOne<Pick<SetAnswer, 'created' | 'notCreated'>>('Email/import', { emails });
    return { done: Object.keys(created ?? {}).length, failed: Object.keys(notCreated ?? {}).length, isFull: Object.values(notCreated ?? {}).some(({ type }) => type === 'overQuota') };
  };
}
