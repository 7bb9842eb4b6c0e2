import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalJson, digestOf, receiptText, verifyReceipt } from './receipt.ts';
import type { ReceiptBody } from './receipt.ts';
import { loadReceiptKey, RECEIPT_KEY_FILE, RECEIPT_PUBLIC_KEY_FILE } from './receipt-key.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'receipt-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const side = { mailbox: 'Büro', uidValidity: 1, uidNext: 3, count: 2, bytes: 20, digest: digestOf(Buffer.alloc(0)) };
const body: ReceiptBody = {
  version: 1,
  account: { id: 7, address: 'jane@example.org' },
  source: 'old',
  target: 'new',
  epoch: 1,
  time: '2026-11-20T08:00:00.000Z',
  mailboxes: [{ source: side, target: side }],
  readBack: 'all',
  unfenced: true,
  refused: [],
};

test('canonical JSON sorts keys at every level', () => {
  expect(canonicalJson({ b: [{ z: 1, a: 'ü' }], a: null })).toBe('{"a":null,"b":[{"a":"ü","z":1}]}');
});

test('the digest does not depend on the order', () => {
  const [a, b] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const same = createHash('sha256').update(a).update(b).digest('hex');
  expect(digestOf(Buffer.concat([a, b]))).toBe(same);
  expect(digestOf(Buffer.concat([b, a]))).toBe(same);
  // These differ in their last byte alone.
  const [c, d] = [Buffer.alloc(32), Buffer.concat([Buffer.alloc(31), Buffer.from([1])])];
  expect(digestOf(Buffer.concat([d, c]))).toBe(createHash('sha256').update(c).update(d).digest('hex'));
  expect(digestOf(Buffer.concat([a, a]))).not.toBe(digestOf(a));
});

test('the key is made once, for its owner alone; a receipt is checked with the public key alone', () => {
  const key = loadReceiptKey(folder);
  expect(loadReceiptKey(folder).keyId).toBe(key.keyId);
  expect(statSync(join(folder, RECEIPT_KEY_FILE)).mode & 0o777).toBe(0o600);
  const publicKey = readFileSync(join(folder, RECEIPT_PUBLIC_KEY_FILE), 'utf8');
  const text = receiptText(key.sign(body));
  expect(verifyReceipt(text, publicKey)).toEqual(body);
  expect(() => verifyReceipt(text.replace('"count": 2', '"count": 3'), publicKey)).toThrow(/signature does not fit/);
  const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect(() => verifyReceipt(text, other)).toThrow(/signed with key/);
  expect(() => verifyReceipt('nonsense', publicKey)).toThrow(/JSON/);
  expect(() => verifyReceipt('{}', publicKey)).toThrow(/members/);
  expect(() => verifyReceipt(text, 'nonsense')).toThrow(/PEM/);
});
