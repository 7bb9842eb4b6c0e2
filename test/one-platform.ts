/** One practice platform with some people, and the installation of Causeway before it: how several scenarios begin. */
import { join } from 'node:path';
import { addUsers, type PlatformProcess, startPlatformProcess } from '../src/practice/index.ts';
import { type Installation, install, platformSettings, SENTINEL } from './installation.ts';

export type OnePlatform = { readonly platform: PlatformProcess; readonly at: Installation };

/**
 * @param people who lives there; the sentinel does in any case
 * @param changes put over the configuration, as `install` takes them
 * @param cleanUps gets what is to be done afterwards, in the order in which it was begun
 */
export async function installOnePlatform(people: readonly { readonly user: string; readonly secret: string }[], changes: (platform: PlatformProcess) => Readonly<Record<string, unknown>>, cleanUps: (() => unknown)[]): Promise<OnePlatform> {
  const at = install({});
  cleanUps.push(() => at.remove());
  const folder = join(at.folder, 'old');
  addUsers(folder, [...people, SENTINEL], { uidValidityBase: 0 });
  const platform = await startPlatformProcess({ name: 'old', folder, uidValidityBase: 0, trustedTokenFile: join(at.folder, 'token') });
  cleanUps.push(() => platform.close());
  process.env['CAUSEWAY_KNOWN_GOOD_KEY_FILE'] = at.file('key', 'k'.repeat(64));
  cleanUps.push(() => delete process.env['CAUSEWAY_KNOWN_GOOD_KEY_FILE']);
  at.configure({ platforms: { old: platformSettings(platform) }, ...changes(platform) });
  return { platform, at };
}
