import { Command } from 'commander';
import { actor, attached } from '#context/attach.ts';
import { losses, requestRollback } from '#mover/index.ts';
import { accountsOf, addressesOf } from './address-list.ts';
import { lossLine } from './losses.ts';
import { lineOf, waitFor } from './moving.ts';
import { print } from './output.ts';
import { progressLine } from './progress.ts';

type Options = { list?: string; why?: string; homeIsDead?: boolean; config?: string; json?: boolean };

export function rollbackCommand(): Command {
  return new Command('rollback')
    .description('carries accounts back to where their last move took them from, with all that came since, and waits')
    .argument('[address...]', 'addresses, login names or recipients')
    .option('--list <file>', 'more of them, one a line; # begins a comment')
    .option('--home-is-dead', 'the platform where they live now cannot be read, and will not be soon')
    .option('--why <text>', 'for the audit')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object: {moves: [...], losses: [...]}')
    .addHelpText(
      'after',
      '\nFor 14 days after a move the former home is kept current, so that this takes about a second an account; later it\nis a move like any other. Nothing that came since is lost, and the account can be moved again.\nWith --home-is-dead nothing is read there: accounts go back to where they were followed last, and what came later is\nmerged by itself once that platform can be read again; causeway losses tells of whom and since when.\nExit status 1 when an account did not go back (it then lives where it lived); 67 when a name is nobody\u2019s, and then\nnothing was begun, nor is it when one of them has no way back.',
    )
    .action(rollback);
}

async function rollback(addresses: string[], options: Options): Promise<void> {
  const wanted = addressesOf(addresses, options.list);
  await attached(options.config, async (to) => {
    const entries = await accountsOf(to.store, wanted);
    // One transaction: all or none, so that a list with a mistake in it can be corrected and given again.
    const ids = await to.store.transaction(async (tx) => {
      const asked: number[] = [];
      for (const { account } of entries) asked.push(await requestRollback(tx, { accountId: account.id, actor: actor(), why: options.why, homeIsDead: options.homeIsDead === true }));
      return asked;
    });
    const line = progressLine(options.json !== true);
    const moves = await waitFor(to, ids, line).finally(() => line.end());
    const missing = options.homeIsDead === true ? await losses(to.store, entries.map(({ account }) => account.id)) : [];
    print({ moves, losses: missing }, options.json, (shown) => shown.moves.map((each) => lossLine(shown.losses, each.address) ?? lineOf(each)).join('\n'));
    if (moves.some(({ state }) => state !== 'moved')) process.exitCode = 1;
  });
}
