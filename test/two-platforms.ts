/** Two practice platforms with the same people, and the installation of Causeway before them: how scenarios with a move begin. */
import { join } from 'node:path';
import { addUsers, type PlatformProcess, seedMailbox, startPlatformProcess } from '../src/practice/index.ts';
import { type Installation, install, platformSettings, SENTINEL, type Service } from './installation.ts';

export type TwoPlatforms = { readonly old: PlatformProcess; readonly new: PlatformProcess; readonly at: Installation };

export type Setting = {
  /** Who lives there; the sentinel does in any case. */
  readonly people: readonly [first: Person, ...others: Person[]];
  /** Of the first of them, at the old platform. */
  readonly inbox?: Parameters<typeof seedMailbox>[3];
  /** Of both platforms, beside IMAP and LMTP. */
  readonly services: readonly Service[];
  /** What the installation listens for, by the configuration's names. */
  readonly listen: readonly string[];
};
type Person = { readonly user: string; readonly secret: string };

/** @param cleanUps gets what is to be done afterwards, in the order in which it was begun */
export async function installTwoPlatforms({ people, inbox = [], services, listen }: Setting, cleanUps: (() => unknown)[]): Promise<TwoPlatforms> {
  const at = install({});
  cleanUps.push(() => at.remove());
  const start = async (name: 'old' | 'new', uidValidityBase: number): Promise<PlatformProcess> => {
    const folder = join(at.folder, name);
    addUsers(folder, [...people, SENTINEL], { uidValidityBase });
    if (name === 'old') seedMailbox(folder, people[0].user, 'INBOX', inbox, { uidValidityBase });
    const platform = await startPlatformProcess({ name, folder, uidValidityBase, trustedTokenFile: join(at.folder, 'token') });
    cleanUps.push(() => platform.close());
    return platform;
  };
  const [source, target] = [await start('old', 0), await start('new', 2e8)];
  at.configure({
    listen: Object.fromEntries(listen.map((name) => [name, { host: '127.0.0.1', port: 0 }])),
    platforms: { old: platformSettings(source, services), new: platformSettings(target, services) },
  });
  return { old: source, new: target, at };
}
