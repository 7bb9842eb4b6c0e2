import { Command } from 'commander';
import { CausewayError } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { actor, attached, type Attached } from '#context/attach.ts';
import { type MoveStatus, readMoves, requestMove } from '#mover/index.ts';
import { accountNamed } from './account-named.ts';
import { bar, print, table } from './output.ts';

type Options = { to: string; config?: string; json?: boolean };

export function moveCommand(): Command {
  return new Command('move')
    .description('carries accounts to another platform, and waits until they live there')
    .argument('<address...>', 'addresses, login names or recipients')
    .requiredOption('--to <platform>', 'the target')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object: {moves: [...]}')
    .addHelpText(
      'after',
      '\nThe account goes on being served all the while; at the end it waits for about a second. Interrupting this command\nleaves the move going on. Exit status 1 when an account did not move; it then lives where it lived.',
    )
    .action(move);
}

/** Progress is for the eye. */
const LOOK_MS = 250;
/** The move goes on without us; a store that restarts is back in seconds, and a person can look again later. */
const STORE_AWAY_MS = 60_000;

async function move(addresses: string[], options: Options): Promise<void> {
  await attached(options.config, async (to) => {
    const { store, run } = to;
    if (!run.platforms.includes(options.to)) {
      throw new CausewayError('usage', `there is no platform "${options.to}"`, { remedy: `The configuration names: ${run.platforms.join(', ')}.` });
    }
    const entries = await Promise.all(addresses.map((address) => accountNamed(store, address)));
    const there = entries.find(({ route }) => route.home === options.to);
    if (there !== undefined) throw new CausewayError('conflict', `${there.account.address} lives at ${options.to} already`);
    const ids = await store.transaction(async (tx) => {
      const requested: number[] = [];
      for (const { account, route } of entries) {
        requested.push(await requestMove(tx, { accountId: account.id, source: route.home, target: options.to, actor: actor() }));
      }
      return requested;
    });
    const moves = await waitFor(to, ids, options.json === true);
    print({ moves }, options.json, (result) => result.moves.map(line).join('\n'));
    if (moves.some((each) => each.state !== 'moved')) process.exitCode = 1;
  });
}

async function waitFor({ store }: Attached, ids: readonly number[], quiet: boolean): Promise<MoveStatus[]> {
  let seenAt = systemClock.monotonic();
  for (;;) {
    const moves = await readMoves(store, ids).catch((error: unknown) => {
      const away = error instanceof CausewayError && error.code === 'unavailable' && systemClock.monotonic() - seenAt < STORE_AWAY_MS;
      if (!away) throw error;
      return undefined;
    });
    if (moves === undefined) {
      await systemClock.sleep(LOOK_MS);
      continue;
    }
    seenAt = systemClock.monotonic();
    if (moves.every((each) => ['moved', 'failed', 'cancelled'].includes(each.state))) {
      if (!quiet && process.stderr.isTTY) process.stderr.write('\r\x1b[K');
      return moves;
    }
    if (!quiet && process.stderr.isTTY) {
      const done = moves.reduce((sum, each) => sum + each.copiedMessages, 0);
      const of = moves.reduce((sum, each) => sum + each.messages, 0);
      const states = [...new Set(moves.map((each) => each.state))].join(', ');
      process.stderr.write(`\r\x1b[K${bar(done, of, 30)} ${done}/${of} messages, ${states}`);
    }
    await systemClock.sleep(LOOK_MS);
  }
}

function line(each: MoveStatus): string {
  const hold = each.holdMs === null ? '' : `, held for ${each.holdMs} ms`;
  if (each.state === 'moved') return `${each.address}: lives at ${each.target} now; ${each.messages} messages, each read back${hold}`;
  return `${each.address}: ${each.state}, lives at ${each.source} as before${each.error === null ? '' : `: ${each.error}`}`;
}

/** For `cutover status`. */
export function moveTable(moves: readonly MoveStatus[]): string {
  return table(['ACCOUNT', 'STATE', 'MESSAGES', 'ERROR'], moves.map((each) => [each.address, each.state, `${each.copiedMessages}/${each.messages}`, each.error ?? '']));
}
