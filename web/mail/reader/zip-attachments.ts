/** All attachments of a mail as one file, packed in the browser, as they are: most of them are packed already. */
import { zipSync } from 'fflate';
import { saveFile } from '#ui/save-file.ts';
import { send } from '../api/http.ts';
import { downloadUrl } from '../api/session.ts';
import { distinctNames } from './attachments.ts';

/** @throws ApiError where one of them cannot be had: half a file would be taken for all of it */
export async function saveAttachments(parts: readonly { readonly blobId: string; readonly name: string }[], zipName: string): Promise<void> {
  const names = distinctNames(parts.map(({ name }) => name));
  const files: Record<string, Uint8Array> = {};
  for (const [n, { blobId, name }] of parts.entries()) files[names[n] ?? name] = new Uint8Array(await (await send(downloadUrl(blobId, name))).arrayBuffer());
  saveFile(new Blob([zipSync(files, { level: 0 }) as Uint8Array<ArrayBuffer>], { type: 'application/zip' }), zipName);
}
