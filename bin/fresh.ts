/** Whether something has to be built again. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Of all folders below it, too. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** @param stamp the file whose time is when the last build ended */
export function isFresh(stamp: string, sources: readonly string[]): boolean {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return sources.every((path) => statSync(path).mtimeMs < built);
}
