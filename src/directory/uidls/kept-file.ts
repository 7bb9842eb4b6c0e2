/**
 * An instance's own copy of an account's kept POP3 ids: a line of JSON, then `kept` as the store has it.
 *
 * Invariants: a file is replaced whole, and on the disk before it has its name; one that is torn or damaged reads as none.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { UidlRow } from './table.ts';

export type KeptFile = {
  readonly platform: string;
  /** The route's epoch when the store was read, outside of a hold. */
  readonly readAt: number;
  /** Undefined: the messages have the platform's own ids. */
  readonly row: UidlRow | undefined;
};

type Head = { readonly platform: string; readonly readAt: number; readonly epoch?: number; readonly marked?: boolean; readonly crc: number };

/** Files of one folder stay some hundreds for 100,000 accounts. */
const pathOf = (folder: string, accountId: number): string => join(folder, String(accountId % 256), String(accountId));

export async function readKeptFile(folder: string, accountId: number): Promise<KeptFile | undefined> {
  try {
    const text = await readFile(pathOf(folder, accountId), 'latin1');
    const end = text.indexOf('\n');
    const { platform, readAt, epoch, marked, crc } = JSON.parse(text.slice(0, end)) as Head;
    const kept = text.slice(end + 1);
    if (crc !== crc32(kept)) return undefined;
    return { platform, readAt, row: epoch === undefined ? undefined : { epoch, marked: marked === true, kept } };
  } catch {
    return undefined;
  }
}

/** @throws what the file system does. Calls for one account must not overlap. */
export async function writeKeptFile(folder: string, accountId: number, { platform, readAt, row }: KeptFile): Promise<void> {
  const path = pathOf(folder, accountId);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const kept = row?.kept ?? '';
  const head: Head = { platform, readAt, ...(row === undefined ? {} : { epoch: row.epoch, marked: row.marked }), crc: crc32(kept) };
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(head)}\n${kept}`, 'latin1');
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}
