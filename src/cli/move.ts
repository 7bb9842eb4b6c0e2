import { Command } from 'commander';
import { loadConfig } from '#config/index.ts';
import { CausewayError } from '#errors/index.ts';
import { actor, attached, type Attached } from '#context/attach.ts';
import type { Entry } from '#directory/read-entries.ts';
import { type MoveStatus, openMove, requestMove } from '#mover/index.ts';
import { accountsOf, addressesOf } from './address-list.ts';
import { planMoves, plansText } from './move-plan.ts';
import { lineOf, waitFor } from './moving.ts';
import { print, table } from './output.ts';
import { progressLine } from './progress.ts';

type Options = { to: string; list?: string; dryRun?: boolean; config?: string; json?: boolean };

export function moveCommand(): Command {
  return new Command('move')
    .description('carries accounts to another platform, and waits until they live there')
    .argument('[address...]', 'addresses, login names or recipients')
    .requiredOption('--to <platform>', 'the target')
    .option('--list <file>', 'more of them, one a line; # begins a comment')
    .option('--dry-run', 'looks at both platforms and tells what would be done; changes nothing')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object: {moves: [...], there: [...]}, of a dry run {plans: [...]}')
    .addHelpText(
      'after',
      '\nThe account goes on being served all the while; at the end it waits for about a second. Interrupting this command\nleaves the moves going on; given again it waits for them, and leaves out who lives there already.\nExit status 1 when an account did not move (it then lives where it lived), or in a dry run would not; 67 when a name is\nnobody\u2019s, and then nothing was begun.',
    )
    .action(move);
}

async function move(addresses: string[], options: Options): Promise<void> {
  const wanted = addressesOf(addresses, options.list);
  await attached(options.config, async (to) => {
    if (!to.run.platforms.includes(options.to)) {
      throw new CausewayError('usage', `there is no platform "${options.to}"`, { remedy: `The configuration names: ${to.run.platforms.join(', ')}.` });
    }
    const entries = await accountsOf(to.store, wanted);
    if (options.dryRun === true) return dryRun(to, entries, options);
    const there = entries.filter(({ route }) => route.home === options.to).map(({ account }) => account.address);
    const [only] = there;
    if (entries.length === 1 && only !== undefined) throw new CausewayError('conflict', `${only} lives at ${options.to} already`);
    const ids = await request(to, entries.filter(({ route }) => route.home !== options.to), options.to);
    const line = progressLine(options.json !== true);
    const moves = await waitFor(to, ids, line).finally(() => line.end());
    print({ moves, there }, options.json, (result) => [...result.moves.map(lineOf), ...result.there.map((address) => `${address}: lives at ${options.to} already`)].join('\n'));
    if (moves.some((each) => each.state !== 'moved')) process.exitCode = 1;
  });
}

async function dryRun(to: Attached, entries: readonly Entry[], options: Options): Promise<void> {
  const line = progressLine(options.json !== true);
  const seen = { messages: 0, bytes: 0 };
  let done = 0;
  const plans = await planMoves(loadConfig(options.config ?? to.run.config), entries, options.to, (plan) => {
    done += 1;
    if ('mailboxes' in plan) {
      seen.messages += plan.messages;
      seen.bytes += plan.bytes;
    }
    line.show({ ...seen, ofMessages: (seen.messages / done) * entries.length, ofBytes: (seen.bytes / done) * entries.length }, { text: `${done}/${entries.length} accounts`, done, of: entries.length });
  }).finally(() => line.end());
  print({ plans }, options.json, (shown) => plansText(shown.plans));
  if (plans.some(({ outcome }) => outcome === 'would-wait' || outcome === 'unknown')) process.exitCode = 1;
}

/** Requests of one transaction: a long list does not hold its locks for long. */
const LOT = 200;

/** @returns the moves' ids; one that is going on to the same target already is joined */
async function request({ store }: Attached, entries: readonly Entry[], target: string): Promise<number[]> {
  const ids: number[] = [];
  for (let at = 0; at < entries.length; at += LOT) {
    const lot = entries.slice(at, at + LOT);
    const going = new Map<number, MoveStatus>();
    for (const { account } of lot) {
      const open = await openMove(store, account.id);
      if (open !== undefined && open.target !== target) throw new CausewayError('conflict', `${account.address} is on its way to ${open.target}`);
      if (open !== undefined) going.set(account.id, open);
    }
    ids.push(
      ...(await store.transaction(async (tx) => {
        const requested: number[] = [];
        for (const { account, route } of lot) {
          requested.push(going.get(account.id)?.id ?? (await requestMove(tx, { accountId: account.id, source: route.home, target, actor: actor() })));
        }
        return requested;
      })),
    );
  }
  return ids;
}

/** For `cutover status`. */
export function moveTable(moves: readonly MoveStatus[]): string {
  return table(['ACCOUNT', 'STATE', 'MESSAGES', 'ERROR'], moves.map((each) => [each.address, each.state, `${each.copiedMessages}/${each.messages}`, each.error ?? '']));
}
