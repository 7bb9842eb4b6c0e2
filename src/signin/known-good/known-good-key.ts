/**
 * The key of the known good. It comes from the operator (systemd's LoadCredential= or LoadCredentialEncrypted=, or a
 * file that a key service wrote), never from the configuration, the store or a backup: who has the snapshot must not
 * have its key.
 *
 * Invariant: a key that was named and cannot be used is an error; a key that was not named is no error, and then
 * nothing is read or written.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CausewayError, messageOf } from '#errors/index.ts';

const CREDENTIAL = 'causeway-known-good';
const VARIABLE = 'CAUSEWAY_KNOWN_GOOD_KEY_FILE';

/** 256 bits, as much as the digests have. */
const LEAST_BYTES = 32;

/** No key is this long; a log named by mistake is not read whole. */
const MOST_BYTES = 4096;

/**
 * Reads `$CREDENTIALS_DIRECTORY/causeway-known-good`, else the file that `CAUSEWAY_KNOWN_GOOD_KEY_FILE` names. The
 * file's bytes are the key, as they are.
 * @returns undefined when neither is given
 * @throws CausewayError('config') when the file cannot be read, or holds less than 32 bytes
 */
export function loadKnownGoodKey(env: NodeJS.ProcessEnv = process.env): Buffer | undefined {
  const credentials = env['CREDENTIALS_DIRECTORY'];
  if (credentials !== undefined && credentials !== '') {
    const key = read(join(credentials, CREDENTIAL), 'may be absent');
    if (key !== undefined) return key;
  }
  const file = env[VARIABLE];
  return file === undefined || file === '' ? undefined : read(file, 'must be there');
}

function read(file: string, presence: 'may be absent' | 'must be there'): Buffer | undefined {
  let key: Buffer;
  try {
    key = readFileSync(file);
  } catch (error) {
    if (presence === 'may be absent' && error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new CausewayError('config', `the key of the known good cannot be read: ${messageOf(error)}`, { place: file, cause: error });
  }
  if (key.length >= LEAST_BYTES && key.length <= MOST_BYTES) return key;
  throw new CausewayError('config', `the key of the known good has ${key.length} bytes, expected ${LEAST_BYTES} to ${MOST_BYTES}`, {
    place: file,
    remedy: `make one with: head -c ${LEAST_BYTES} /dev/urandom > ${file}`,
  });
}
