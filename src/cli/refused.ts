import { Command } from 'commander';
import { attached } from '#context/attach.ts';
import { printable } from '#mover/compare/label.ts';
import { type Refused, refusedOf } from '#mover/index.ts';
import { accountNamed } from './account-named.ts';
import { bytes, print, table } from './output.ts';

export function refusedCommand(): Command {
  return new Command('refused')
    .description('tells which messages of an account a platform did not take or give, why, and what was decided about them')
    .argument('<address>', 'an address, login name or recipient')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object: {address, refused: [...]}')
    .addHelpText('after', '\nThe account lives where it lived until the cause is gone and it is moved again, or until a person decides that it moves\nwithout them: causeway move ADDRESS --to PLATFORM --without MAILBOX:UID. Exit status 1 while one waits for a decision.')
    .action(async (name: string, options: { config?: string; json?: boolean }) => {
      await attached(options.config, async ({ store }) => {
        const { account } = await accountNamed(store, name);
        const refused = await refusedOf(store, account.id);
        print({ address: account.address, refused }, options.json, (shown) => inWords(shown.address, shown.refused));
        if (refused.some(({ decidedAt }) => decidedAt === null)) process.exitCode = 1;
      });
    });
}

function inWords(address: string, refused: readonly Refused[]): string {
  if (refused.length === 0) return `${address}: nothing was refused.`;
  return table(
    ['MESSAGE', 'SIZE', 'WAY', 'CLASS', 'DECIDED', 'REASON'],
    refused.map((each) => [
      printable(`${each.mailbox}:${each.uid}`),
      bytes(each.size),
      `${each.source} → ${each.target}`,
      each.failure,
      each.decidedBy === null ? '-' : `${each.decidedBy}, ${each.decidedAt?.toISOString().slice(0, 10)}`,
      printable(each.reason),
    ]),
  );
}
