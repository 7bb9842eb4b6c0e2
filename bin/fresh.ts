/** Whether something has to be built again. */
import { existsSync, statSync } from 'node:fs';

/** @param stamp the file whose time is that of the last build */
export function isFresh(stamp: string, sources: readonly string[]): boolean {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return sources.every((path) => statSync(path).mtimeMs < built);
}
