import { Command } from 'commander';
import { loadConfig } from '#config/index.ts';
import { CausewayError } from '#errors/index.ts';
import { actor, attached, type Attached } from '#context/attach.ts';
import type { Entry } from '#directory/read-entries.ts';
import { type MoveStatus, openMove, requestMove, type Without } from '#mover/index.ts';
import { accountsOf, addressesOf } from './address-list.ts';
import { planMoves, plansText } from './move-plan.ts';
import { lineOf, waitFor } from './moving.ts';
import { print, table } from './output.ts';
import { withoutOf } from './without.ts';
import { progressLine } from './progress.ts';

type Options = { to: string; list?: string; dryRun?: boolean; without: string[]; config?: string; json?: boolean };

export function moveCommand(): Command {
  return new Command('move')
    .description('carries accounts to another platform, and waits until they live there')
    .argument('[address...]', 'addresses, login names or recipients')
    .requiredOption('--to <platform>', 'the target')
    .option('--list <file>', 'more of them, one a line; # begins a comment')
    .option('--without <what>', 'of what the target refused: MAILBOX:UID, too-big, content, or none to withdraw; repeatable', (what: string, all: string[]) => [...all, what], [])
    .option('--dry-run', 'looks at both platforms and tells what would be done; changes nothing')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object: {moves: [...], there: [...]}, of a dry run {plans: [...]}')
    .addHelpText(
      'after',
      '\nThe account goes on being served all the while; at the end it waits for about a second. Interrupting this command\nleaves the moves going on; given again it waits for them, and leaves out who lives there already.\nExit status 1 when an account did not move (it then lives where it lived), or in a dry run would not; 67 when a name is\nnobody\u2019s, and then nothing was begun.',
    )
    .addHelpText(
      'after',
      '\nAn account of which a message is refused waits for a person; causeway refused tells what and why. --without moves it\nwithout what it names: a message that was refused, or all that is refused as too-big (size) or as content (viruses,\nNUL, lines that are too long). The receipt names each; they stay where they are, and a rollback finds them there. A decision\nstands until the account is moved with another --without.\n\nExample:\n  causeway move ada@isp.example --to new --without "INBOX:417" --without too-big',
    )
    .action(move);
}

async function move(addresses: string[], options: Options): Promise<void> {
  const wanted = addressesOf(addresses, options.list);
  const without = withoutOf(options.without);
  await attached(options.config, async (to) => {
    if (!to.run.platforms.includes(options.to)) {
      throw new CausewayError('usage', `there is no platform "${options.to}"`, { remedy: `The configuration names: ${to.run.platforms.join(', ')}.` });
    }
    const entries = await accountsOf(to.store, wanted);
    if (without !== undefined && without.messages.length > 0 && entries.length > 1) throw new CausewayError('usage', 'a message is one account’s: name that account alone');
    if (options.dryRun === true) return dryRun(to, entries, options);
    const there = entries.filter(({ route }) => route.home === options.to).map(({ account }) => account.address);
    const [only] = there;
    if (entries.length === 1 && only !== undefined) throw new CausewayError('conflict', `${only} lives at ${options.to} already`);
    const ids = await request(to, entries.filter(({ route }) => route.home !== options.to), options.to, without);
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
    line.show({ ...seen, ofMessages: (seen.messages / done) * entries.length, ofBytes: (seen.bytes / done) * entries.length, accounts: done, ofAccounts: entries.length }, `${done}/${entries.length} accounts`);
  }).finally(() => line.end());
  print({ plans }, options.json, (shown) => plansText(shown.plans));
  if (plans.some(({ outcome }) => outcome === 'would-wait' || outcome === 'unknown')) process.exitCode = 1;
}

/** Requests of one transaction: a long list does not hold its locks for long. */
const LOT = 200;

/** @returns the moves' ids; one that is going on to the same target already is joined */
async function request({ store }: Attached, entries: readonly Entry[], target: string, without: Without | undefined): Promise<number[]> {
  const ids: number[] = [];
  for (let at = 0; at < entries.length; at += LOT) {
    const lot = entries.slice(at, at + LOT);
    const going = new Map<number, MoveStatus>();
    for (const { account } of lot) {
      const open = await openMove(store, account.id);
      if (open !== undefined && open.target !== target) throw new CausewayError('conflict', `${account.address} is on its way to ${open.target}`);
      if (open !== undefined && without !== undefined) throw new CausewayError('conflict', `${account.address} is being moved already`, { remedy: 'Decide when it has ended.' });
      if (open !== undefined) going.set(account.id, open);
    }
    ids.push(
      ...(await store.transaction(async (tx) => {
        const requested: number[] = [];
        for (const { account, route } of lot) {
          requested.push(going.get(account.id)?.id ?? (await requestMove(tx, { accountId: account.id, source: route.home, target, without, actor: actor() })));
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
