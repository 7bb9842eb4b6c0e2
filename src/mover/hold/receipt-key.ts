/**
 * The key pair that signs receipts, in the data folder. Invariants: it is made once; of several processes that start
 * together one makes it and all use that one; the private key is readable by its owner alone.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { linkSync, openSync, closeSync, fsyncSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CausewayError, messageOf } from '#errors/index.ts';
import { receiptKey } from './receipt.ts';
import type { ReceiptKey } from './receipt.ts';

export const RECEIPT_KEY_FILE = 'receipt-key.pem';
export const RECEIPT_PUBLIC_KEY_FILE = 'receipt-key.pub.pem';

/** Reads the key pair of `folder`, or makes it. @throws CausewayError `config` when the folder or the key is unusable */
export function loadReceiptKey(folder: string): ReceiptKey {
  const place = join(folder, RECEIPT_KEY_FILE);
  try {
    const pem = read(place) ?? make(folder, place);
    const key = receiptKey(pem);
    if (read(join(folder, RECEIPT_PUBLIC_KEY_FILE)) !== key.publicKeyPem) {
      writeFileSync(join(folder, RECEIPT_PUBLIC_KEY_FILE), key.publicKeyPem, { mode: 0o644 });
    }
    return key;
  } catch (cause) {
    throw new CausewayError('config', `the key for receipts cannot be used: ${messageOf(cause)}`, { place, cause });
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function make(folder: string, place: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const draft = join(folder, `.${RECEIPT_KEY_FILE}.${randomUUID()}`);
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(file, pem);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    // link(2) fails when another process was first; then its key counts.
    linkSync(draft, place);
    return pem;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readFileSync(place, 'utf8');
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
