import { Command } from 'commander';
import { attached } from '#context/attach.ts';
import { type Loss, losses } from '#mover/index.ts';
import { print } from './output.ts';

export function lossesCommand(): Command {
  return new Command('losses')
    .description('tells of accounts that were carried back from a dead platform: since when mail may be missing, and what was merged')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object: {losses: [...]}')
    .addHelpText('after', '\nWhat was left behind is merged by itself once the platform can be read: there is nothing to be asked for.\nExit status 1 while anything is still to be merged.')
    .action(async (options: { config?: string; json?: boolean }) => {
      await attached(options.config, async ({ store }) => {
        const all = await losses(store);
        print({ losses: all }, options.json, (shown) => (shown.losses.length === 0 ? 'No account was carried back from a dead platform.' : shown.losses.map(inWords).join('\n')));
        if (all.some(({ mergedAt }) => mergedAt === null)) process.exitCode = 1;
      });
    });
}

/** The line of an account's open loss. */
export function lossLine(all: readonly Loss[], address: string): string | undefined {
  const open = all.find((each) => each.address === address && each.mergedAt === null);
  return open && inWords(open);
}

function inWords({ address, platform, followedAt, mergedAt, mergedMessages, error }: Loss): string {
  if (mergedAt !== null) return `${address}: whole again; ${mergedMessages} messages were merged from ${platform} on ${mergedAt.toISOString()}`;
  const why = error === null ? '' : `: ${error}`;
  return `${address}: carried back; what came to ${platform} after ${followedAt.toISOString()} is missing until it can be read${why}`;
}
