/** `causeway cutover retry | promote | abort | roll-back | hold-back | let-go`: what is done with a plan that has trouble. */
import type { Command } from 'commander';
import { actor, attached } from '#context/attach.ts';
import { abortPlan, promotePlan, retryPlan, rollBackWave } from '#cutover/acts.ts';
import { holdBack, letGo } from '#cutover/hold-back.ts';
import type { Store, Tx } from '#store/index.ts';
import { accountsOf, addressesOf } from './address-list.ts';
import { print } from './output.ts';

type Options = { config?: string; json?: boolean; why: string; list?: string; homeIsDead?: boolean };

export function addCutoverActs(cutover: Command, common: (command: Command) => Command): void {
  const withWhy = (command: Command): Command => common(command).requiredOption('--why <reason>', 'for the audit');
  withWhy(cutover.command('retry').description('asks the failed moves of the running wave again').argument('[plan]')).action(async (name: string | undefined, options: Options) =>
    act(options, (store) => retryPlan(store, by(options), name), (accounts) => `${accounts} asked again`),
  );
  withWhy(cutover.command('promote').description('goes on to the next wave, and leaves those behind who have not moved').argument('[plan]')).action(async (name: string | undefined, options: Options) =>
    act(options, (store) => promotePlan(store, by(options), name), (accounts) => `going on; ${accounts} stay behind`),
  );
  withWhy(cutover.command('abort').description('ends the plan for good; who has moved stays there').argument('[plan]')).action(async (name: string | undefined, options: Options) =>
    act(options, async (store) => (await abortPlan(store, by(options), name), 0), () => 'aborted. Moves in their hold end it; the others are called off'),
  );
  withWhy(cutover.command('roll-back').description('carries all of a wave back; see also: causeway rollback').argument('<wave>', 'its number').argument('[plan]'))
    .option('--home-is-dead', 'as for causeway rollback')
    .action(async (wave: string, name: string | undefined, options: Options) =>
      act(options, (store) => rollBackWave(store, { ...by(options), homeIsDead: options.homeIsDead === true }, Number(wave), name), (accounts) => `${accounts} are on their way back. See: causeway cutover status`),
    );
  const accounts = (command: Command): Command => withWhy(command.argument('[address...]', 'addresses, login names or recipients')).option('--list <file>', 'more of them, one a line; # begins a comment');
  accounts(cutover.command('hold-back').description('keeps accounts out of all waves')).action(async (addresses: string[], options: Options) =>
    act(options, (store) => each(store, addresses, options, holdBack), (held) => `${held} held back`),
  );
  accounts(cutover.command('let-go').description('lets accounts move again that were held back')).action(async (addresses: string[], options: Options) =>
    act(options, (store) => each(store, addresses, options, letGo), (free) => `${free} let go`),
  );
}

const by = ({ why }: Options): { actor: string; why: string } => ({ actor: actor(), why });

async function act(options: Options, work: (store: Store) => Promise<number>, text: (accounts: number) => string): Promise<void> {
  await attached(options.config, async ({ store }) => {
    const accounts = await work(store);
    print({ accounts }, options.json, (result) => text(result.accounts));
  });
}

/** All or none. */
async function each(store: Store, addresses: string[], options: Options, change: (tx: Tx, accountId: number, by: { actor: string; why: string }) => Promise<boolean>): Promise<number> {
  const entries = await accountsOf(store, addressesOf(addresses, options.list));
  return store.transaction(async (tx) => {
    let changed = 0;
    for (const { account } of entries) if (await change(tx, account.id, by(options))) changed += 1;
    return changed;
  });
}
