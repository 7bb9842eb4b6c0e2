/** Links to device settings: the office makes them, the pages for customers serve them. Both have the same key, where one comes from outside. */
import type { Config } from '#config/index.ts';
import { createSettingsLinks, type SettingsLinks } from '#desk/acts/settings/link.ts';
import { profileOf } from '#desk/acts/settings/profile.ts';
import { serversOf } from '#desk/acts/settings/servers.ts';
import type { Clock } from '#events/clock.ts';
import type { RunFile } from './data-folder.ts';
import { pagesKey } from './pages-key.ts';

type Key = { readonly key: Buffer; readonly lasts: boolean };

/** @param given the office's own, where the environment is not there to be asked */
export function settingsLinks(config: Config, clock: Clock, given?: Key): SettingsLinks | undefined {
  const pages = config.listen.selfcare?.url;
  const { key, lasts } = given ?? fromOutside();
  return pages === undefined || !lasts ? undefined : createSettingsLinks({ key, pages, now: clock.now });
}

function fromOutside(): Key {
  const { key, lasts } = pagesKey('staff');
  return { key: Buffer.from(key, 'base64'), lasts };
}

export function profilesByLink(config: Config, ports: RunFile['ports'], clock: Clock): ((token: string) => string | undefined) | undefined {
  const links = settingsLinks(config, clock);
  if (links === undefined) return undefined;
  return (token) => {
    const found = links.open(token);
    return found === undefined ? undefined : profileOf(found.address, found.address, serversOf({ config, ports }));
  };
}
