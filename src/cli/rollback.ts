import { Command } from 'commander';
import { actor, attached } from '#context/attach.ts';
import { CausewayError } from '#errors/index.ts';
import { findPlan, movedBy } from '#cutover/records.ts';
import { type Entry, PAGE, readEntries } from '#directory/read-entries.ts';
import { losses, previewRollback, requestRollback, type RollbackPreview } from '#mover/index.ts';
import type { Store } from '#store/index.ts';
import { accountsOf, addressesOf } from './address-list.ts';
import { lossLine } from './losses.ts';
import { lineOf, waitFor } from './moving.ts';
import { print } from './output.ts';
import { progressLine } from './progress.ts';
import { withoutOf } from './without.ts';

type Options = { list?: string; wave?: string; plan?: string; dryRun?: boolean; why?: string; homeIsDead?: boolean; without: string[]; config?: string; json?: boolean };

export function rollbackCommand(): Command {
  return new Command('rollback')
    .description('carries accounts back to where their last move took them from, with all that came since, and waits')
    .argument('[address...]', 'addresses, login names or recipients')
    .option('--list <file>', 'more of them, one a line; # begins a comment')
    .option('--wave <name>', 'all accounts of a wave that live where it moved them')
    .option('--plan <name>', 'the plan of that wave; by default the newest')
    .option('--dry-run', 'tells who would go back, where to, and what would still be to carry; changes nothing')
    .option('--home-is-dead', 'the platform where they live now cannot be read, and will not be soon')
    .option('--without <what>', 'as for causeway move, of what the former home refuses', (what: string, all: string[]) => [...all, what], [])
    .option('--why <text>', 'for the audit')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object: {moves: [...], losses: [...]}, of a dry run {ways: [...]}')
    .addHelpText(
      'after',
      '\nFor 14 days after a move (moves.windowDays in the configuration) the former home is kept current, so that this takes about a second an account; later it\nis a move like any other. Nothing that came since is lost, and the account can be moved again.\nWith --home-is-dead nothing is read there: accounts go back to where they were followed last, and what came later is\nmerged by itself once that platform can be read again; causeway losses tells of whom and since when.\nExit status 1 when an account did not go back (it then lives where it lived); 67 when a name is nobody\u2019s, and then\nnothing was begun, nor is it when one of them has no way back, or when --without is said of one that is on its way.',
    )
    .action(rollback);
}

async function rollback(addresses: string[], options: Options): Promise<void> {
  const without = withoutOf(options.without);
  if (without !== undefined && options.homeIsDead === true) {
    throw new CausewayError('usage', '--without says nothing beside --home-is-dead', { remedy: 'From a dead home nothing is carried, so nothing is refused.' });
  }
  await attached(options.config, async (to) => {
    const entries = await entriesOf(to.store, addresses, options);
    if (options.dryRun === true) return dryRun(await previewRollback(to.store, entries.map(({ account }) => account.id)), options);
    // One transaction: all or none, so that a list with a mistake in it can be corrected and given again.
    const ids = await to.store.transaction(async (tx) => {
      const asked: number[] = [];
      for (const { account } of entries) asked.push(await requestRollback(tx, { accountId: account.id, actor: actor(), why: options.why, without, homeIsDead: options.homeIsDead === true }));
      return asked;
    });
    const line = progressLine(options.json !== true);
    const moves = await waitFor(to, ids, line).finally(() => line.end());
    const missing = options.homeIsDead === true ? await losses(to.store, entries.map(({ account }) => account.id)) : [];
    print({ moves, losses: missing }, options.json, (shown) => shown.moves.map((each) => lossLine(shown.losses, each.address) ?? lineOf(each)).join('\n'));
    if (moves.some(({ state }) => state !== 'moved')) process.exitCode = 1;
  });
}

async function entriesOf(store: Store, addresses: readonly string[], { list, wave, plan }: Options): Promise<Entry[]> {
  const named = wave !== undefined && addresses.length === 0 && list === undefined ? [] : await accountsOf(store, addressesOf(addresses, list));
  if (wave === undefined) return named;
  const known = new Set(named.map(({ account }) => account.id));
  const ids = (await movedBy(store, await findPlan(store, plan), wave)).filter((id) => !known.has(id));
  const entries = [...named];
  for (let at = 0; at < ids.length; at += PAGE) entries.push(...(await readEntries(store, ids.slice(at, at + PAGE))));
  return entries;
}

function dryRun(ways: readonly RollbackPreview[], { homeIsDead, json }: Options): void {
  print({ ways }, json, (shown) => (shown.ways.length === 0 ? 'Nobody would go back.' : shown.ways.map((way) => `${way.address}: ${wayInWords(way, homeIsDead === true)}`).join('\n')));
}

function wayInWords({ from, to, followedAt, lagSeconds }: RollbackPreview, homeIsDead: boolean): string {
  const since = followedAt === null ? 'since it was moved there' : `after ${followedAt.toISOString()}`;
  if (homeIsDead) return `would go back to ${to}; what came to ${from} ${since} would be missing until ${from} can be read`;
  const deleted = `what was deleted at ${from} would go at ${to}, too`;
  if (lagSeconds === null) return `would go back to ${to}, which is not kept current: all that came to ${from} would be carried first; ${deleted}`;
  return `would go back to ${to}; what came to ${from} ${since} would be carried first; ${deleted}`;
}
