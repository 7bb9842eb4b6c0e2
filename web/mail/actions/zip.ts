/**
 * Messages as one zip file, made in the browser.
 *
 * Invariants: bounded, since a browser builds the file in memory; a message that cannot be had is told, not left out in
 * silence. Nothing is packed twice.
 */
import { Zip, ZipDeflate } from 'fflate';
import { send } from '../api/http.ts';
import { jmapOne } from '../api/jmap.ts';
import { downloadUrl } from '../api/session.ts';
import type { Email, GetAnswer } from '../api/types.ts';
import { dayOf } from '../list/dates.ts';
import { BATCH, inBatches, type Outcome, type Progress } from './batches.ts';
import { fileName, uniqueNames } from './file-names.ts';

/** With 75 kB each, which is what mail has on average, 150 MB. */
export const MOST_ZIPPED = 2_000;

export async function zipOf(ids: readonly string[], options: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void }): Promise<{ readonly outcome: Outcome; readonly file: Blob }> {
  const emails: Pick<Email, 'id' | 'blobId' | 'subject' | 'receivedAt'>[] = [];
  for (let at = 0; at < ids.length; at += BATCH) emails.push(...(await jmapOne<GetAnswer<Email>>('Email/get', { ids: ids.slice(at, at + BATCH), properties: ['id', 'blobId', 'subject', 'receivedAt'] }, options.signal)).list);
  const names = uniqueNames(emails.map(({ receivedAt, subject }) => fileName(dayOf(new Date(receivedAt)), subject ?? '')), '.eml');
  const nameOf = new Map(emails.map(({ id }, n) => [id, names[n] ?? `${id}.eml`]));
  const byId = new Map(emails.map((email) => [email.id, email]));
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const zip = new Zip((error, piece) => {
    if (error !== null) throw error;
    pieces.push(piece as Uint8Array<ArrayBuffer>);
  });
  let progress: Progress = { done: 0, failed: 0, total: ids.length };
  const outcome = await inBatches(
    ids,
    async (batch) => {
      let failed = 0;
      for (const id of batch) {
        if (options.signal.aborted) break;
        const email = byId.get(id);
        const name = nameOf.get(id);
        const bytes = email === undefined || name === undefined ? undefined : await bytesOf(email.blobId, name, options.signal);
        if (bytes === undefined) failed += 1;
        else {
          const entry = Object.assign(new ZipDeflate(name!, { level: 6 }), { mtime: new Date(email!.receivedAt) });
          zip.add(entry);
          entry.push(bytes, true);
        }
        progress = { ...progress, done: progress.done + (bytes === undefined ? 0 : 1), failed: progress.failed + (bytes === undefined ? 1 : 0) };
        options.onProgress(progress);
      }
      return failed;
    },
    { signal: options.signal, onProgress: () => {} },
  );
  zip.end();
  return { outcome, file: new Blob(pieces, { type: 'application/zip' }) };
}

async function bytesOf(blobId: string, name: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await (await send(downloadUrl(blobId, name, 'message/rfc822'), { signal })).arrayBuffer());
  } catch {
    return undefined;
  }
}
