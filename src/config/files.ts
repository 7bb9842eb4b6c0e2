import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { resolveFrom } from './paths.ts';
import { createSecret } from './secret.ts';
import type { Secret } from './secret.ts';

/** Fields that name a file. A file that cannot serve is a mistake at the field that names it. */

/** Nobody types a longer password, and a larger file is some other file. */
const LONGEST_SECRET = 4_096;
/** A bundle of all public roots has 0.25 MB. */
const LARGEST_PEM = 1024 * 1024;

const filename = z.string({ error: 'expected the name of a file' }).min(1, { error: 'expected the name of a file' });

/**
 * A file that holds one secret, on one line; the line's end does not belong to it. Readable by everybody is refused:
 * it is the mistake that nobody notices.
 */
export const secretFile = (folder: string): z.ZodType<Secret> =>
  filename.transform((name, context) => {
    const path = resolveFrom(folder, name);
    const fail = (message: string, remedy?: string): never => {
      context.addIssue({ code: 'custom', message, params: { remedy } });
      return z.NEVER;
    };
    const file = readSmall(path, LONGEST_SECRET);
    if ('fault' in file) return fail(`expected a file with a secret, found ${path}: ${file.fault}`);
    if ((file.mode & 0o004) !== 0) return fail(`expected a secret file that only its owner reads, found ${path} readable by all`, `chmod 600 ${path}`);
    const text = file.bytes.toString('utf8').replace(/\r?\n$/, '');
    if (text === '') return fail(`expected a secret in the file, found ${path} empty`);
    if (/[\r\n\0]/.test(text)) return fail(`expected one line with the secret, found more in ${path}`);
    return createSecret(text);
  });

/** A file of PEM certificates. The field becomes its text. */
export const pemFile = (folder: string): z.ZodType<string> =>
  filename.transform((name, context) => {
    const path = resolveFrom(folder, name);
    const file = readSmall(path, LARGEST_PEM);
    const text = 'fault' in file ? '' : file.bytes.toString('latin1');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
    context.addIssue({
      code: 'custom',
      message: `expected a file with certificates in PEM form, found ${path}: ${'fault' in file ? file.fault : 'none in it'}`,
    });
    return z.NEVER;
  });

/** A file that others will read later; the field becomes its absolute path. */
export const readableFile = (folder: string): z.ZodType<string> =>
  filename.transform((name, context) => {
    const path = resolveFrom(folder, name);
    const file = readSmall(path, LARGEST_PEM);
    if (!('fault' in file)) return path;
    context.addIssue({ code: 'custom', message: `expected a readable file, found ${path}: ${file.fault}` });
    return z.NEVER;
  });

function readSmall(path: string, limit: number): { bytes: Buffer; mode: number } | { fault: string } {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const { mode, size } = fstatSync(fd);
    if (size > limit) return { fault: `${size} bytes, more than ${limit}` };
    const bytes = Buffer.alloc(limit + 1);
    const length = readSync(fd, bytes);
    return length > limit ? { fault: `more than ${limit} bytes` } : { bytes: bytes.subarray(0, length), mode };
  } catch (error) {
    return { fault: FAULTS[(error as NodeJS.ErrnoException).code ?? ''] ?? String((error as NodeJS.ErrnoException).code) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const FAULTS: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read by this user',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
};
