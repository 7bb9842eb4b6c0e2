import { Command } from 'commander';
import { actor, attached } from '#context/attach.ts';
import { CausewayError } from '#errors/index.ts';
import { giveUpMerge, type Loss, losses } from '#mover/index.ts';
import { accountsOf } from './address-list.ts';
import { print } from './output.ts';

type Options = { giveUp?: string[]; why?: string; config?: string; json?: boolean };

export function lossesCommand(): Command {
  return new Command('losses')
    .description('tells of accounts that were carried back from a dead platform: since when mail may be missing, and what was merged')
    .option('--give-up <address...>', 'waits no longer for what these left behind, so that they can be moved again; needs --why')
    .option('--why <text>', 'for the audit')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object: {losses: [...]}')
    .addHelpText('after', '\nWhat was left behind is merged by itself once the platform can be read: there is nothing to be asked for.\nUntil then the account cannot be moved. --give-up ends the waiting: what was not merged by then is missing for good, unless\nthe account is moved to that platform again, which then brings what is there.\nExit status 1 while anything is still to be merged.')
    .action(async (options: Options) => {
      await attached(options.config, async ({ store }) => {
        const { giveUp, why } = options;
        if (giveUp !== undefined) {
          if (why === undefined) throw new CausewayError('usage', '--give-up needs a reason', { remedy: 'say it with --why' });
          const entries = await accountsOf(store, giveUp);
          // All or none, so that a list with a mistake in it can be corrected and given again.
          await store.transaction(async (tx) => {
            for (const { account } of entries) await giveUpMerge(tx, { accountId: account.id, actor: actor(), why });
          });
        }
        const all = await losses(store);
        print({ losses: all }, options.json, (shown) => (shown.losses.length === 0 ? 'No account was carried back from a dead platform.' : shown.losses.map(inWords).join('\n')));
        if (all.some(isOpen)) process.exitCode = 1;
      });
    });
}

const isOpen = ({ mergedAt, givenUpAt }: Loss): boolean => mergedAt === null && givenUpAt === null;

/** The line of an account's open loss. */
export function lossLine(all: readonly Loss[], address: string): string | undefined {
  const open = all.find((each) => each.address === address && isOpen(each));
  return open && inWords(open);
}

function inWords({ address, platform, followedAt, mergedAt, givenUpAt, mergedMessages, error }: Loss): string {
  if (mergedAt !== null) return `${address}: whole again; ${mergedMessages} messages were merged from ${platform} on ${mergedAt.toISOString()}`;
  if (givenUpAt !== null) return `${address}: given up on ${givenUpAt.toISOString()}; what came to ${platform} after ${followedAt.toISOString()} is missing, but for ${mergedMessages} messages`;
  const why = error === null ? '' : `: ${error}`;
  return `${address}: carried back; what came to ${platform} after ${followedAt.toISOString()} is missing until it can be read${why}`;
}
