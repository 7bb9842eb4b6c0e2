import { Command } from 'commander';
import { attached } from '#context/attach.ts';
import { type FollowingBack, followingBack } from '#mover/index.ts';
import { accountsOf, addressesOf } from './address-list.ts';
import { print, table } from './output.ts';

export function wayBackCommand(): Command {
  return new Command('way-back')
    .description('tells which accounts have a former home that is kept current, and how far behind it is')
    .argument('[address...]', 'addresses, login names or recipients; none: all accounts')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object: {following: [...]}, those furthest behind first')
    .addHelpText('after', '\nWhat came to the home within the lag, and that alone, would be missing after a rollback from a home that cannot be read.')
    .action(async (addresses: string[], options: { config?: string; json?: boolean }) => {
      await attached(options.config, async ({ store }) => {
        const named = addresses.length === 0 ? undefined : await accountsOf(store, addressesOf(addresses, undefined));
        const following = await followingBack(store, named?.map(({ account }) => account.id));
        print({ following }, options.json, (shown) => inWords(shown.following));
      });
    });
}

function inWords(following: readonly FollowingBack[]): string {
  if (following.length === 0) return 'No former home is kept current.';
  return table(
    ['ACCOUNT', 'HOME', 'FORMER HOME', 'LAG', 'UNTIL', 'ERROR'],
    following.map((each) => [each.address, each.from, each.to, `${Math.round(each.lagSeconds)} s`, each.until.toISOString().slice(0, 10), each.error ?? '']),
  );
}
