import { Command } from 'commander';
import { loadConfig } from '#config/index.ts';
import { CausewayError } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { actor, attached, type Attached } from '#context/attach.ts';
import type { Entry } from '#directory/read-entries.ts';
import { type MoveStatus, openMove, readMoves, requestMove } from '#mover/index.ts';
import { accountsOf, addressesOf } from './address-list.ts';
import { planMoves, plansText } from './move-plan.ts';
import { print, table } from './output.ts';
import { type ProgressLine, progressLine } from './progress.ts';

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

/** Progress is for the eye. */
const LOOK_MS = 250;
/** Many moves are many rows. */
const LOOK_AT_MANY_MS = 1_000;
const MANY = 100;
/** The move goes on without us; a store that restarts is back in seconds, and a person can look again later. */
const STORE_AWAY_MS = 60_000;

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

const ENDED: readonly string[] = ['moved', 'failed', 'cancelled'];

async function waitFor({ store }: Attached, ids: readonly number[], line: ProgressLine): Promise<MoveStatus[]> {
  const known = new Map<number, MoveStatus>();
  let seenAt = systemClock.monotonic();
  for (;;) {
    const open = ids.filter((id) => !ENDED.includes(known.get(id)?.state ?? ''));
    const moves = await readMoves(store, open).catch((error: unknown) => {
      const away = error instanceof CausewayError && error.code === 'unavailable' && systemClock.monotonic() - seenAt < STORE_AWAY_MS;
      if (!away) throw error;
      return undefined;
    });
    if (moves !== undefined) {
      seenAt = systemClock.monotonic();
      for (const each of moves) known.set(each.id, each);
      const all = [...known.values()];
      if (all.length === ids.length && all.every((each) => ENDED.includes(each.state))) return ids.map((id) => known.get(id)!);
      show(line, all);
    }
    await systemClock.sleep(ids.length > MANY ? LOOK_AT_MANY_MS : LOOK_MS);
  }
}

/** What is not yet known of accounts that wait for their turn is taken to be as that of the others. */
function show(line: ProgressLine, moves: readonly MoveStatus[]): void {
  const listed = moves.filter((each) => each.messages > 0 || ENDED.includes(each.state));
  const total = (of: (each: MoveStatus) => number, among: readonly MoveStatus[] = moves): number => among.reduce((sum, each) => sum + of(each), 0);
  const scale = listed.length === 0 ? 1 : moves.length / listed.length;
  const done = moves.filter((each) => ENDED.includes(each.state)).length;
  const states = [...new Set(moves.map((each) => each.state))].join(', ');
  line.show(
    {
      messages: total((each) => each.copiedMessages),
      bytes: total((each) => each.copiedBytes),
      ofMessages: Math.round(total((each) => Math.max(each.messages, each.copiedMessages), listed) * scale),
      ofBytes: listed.some((each) => each.bytes === 0 && each.messages > 0) ? undefined : Math.round(total((each) => Math.max(each.bytes, each.copiedBytes), listed) * scale),
    },
    moves.length === 1 ? { text: states } : { text: `${done}/${moves.length} accounts, ${states}`, done, of: moves.length },
  );
}

function lineOf(each: MoveStatus): string {
  const hold = each.holdMs === null ? '' : `, held for ${each.holdMs} ms`;
  if (each.state === 'moved') return `${each.address}: lives at ${each.target} now; ${each.messages} messages, each read back${hold}`;
  return `${each.address}: ${each.state}, lives at ${each.source} as before${each.error === null ? '' : `: ${each.error}`}`;
}

/** For `cutover status`. */
export function moveTable(moves: readonly MoveStatus[]): string {
  return table(['ACCOUNT', 'STATE', 'MESSAGES', 'ERROR'], moves.map((each) => [each.address, each.state, `${each.copiedMessages}/${each.messages}`, each.error ?? '']));
}
