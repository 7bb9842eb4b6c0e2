import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where things lie when the configuration does not say. */

/** The checkout that this program runs from, with symbolic links resolved. */
export function checkoutFolder(): string {
  return realpathSync(join(import.meta.dirname, '..', '..'));
}

/**
 * The default data folder: as root below /var/lib, a folder for each checkout (a checkout may lie below /root, which
 * the database's own user cannot enter), else `var` in the checkout.
 */
export function defaultDataFolder(checkout: string = checkoutFolder(), uid: number = process.getuid?.() ?? -1): string {
  if (uid !== 0) return join(checkout, 'var');
  return join('/var/lib/causeway', createHash('sha256').update(realpathSync(checkout)).digest('hex').slice(0, 12));
}

/** A path of a configuration file: relative ones start at the file's own folder. */
export function resolveFrom(folder: string, path: string): string {
  return resolve(folder, path);
}
