import { Command } from 'commander';
import { findPlan, waveAccounts } from '#cutover/records.ts';
import { handBack, handOver, OURS } from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';
import { accountNamed, act, acting, type ActOptions } from './account-named.ts';
import { print } from './output.ts';

type Options = ActOptions & { to: string; wave?: string; plan?: string };

export function addHandOverCommand(account: Command): void {
  acting(account.command('hand-over').description('makes our word on secrets the final one, or a platform\u2019s again').argument('[addresses...]'))
    .option('--to <authority>', `${OURS}, or a platform`, OURS)
    .option('--wave <number>', 'the accounts of a wave of the newest plan')
    .option('--plan <name>', 'the plan of that wave')
    .addHelpText('after', '\nAn account is handed over when its password is known here and its home lets us in without it; the others are listed, and the exit status is 1.')
    .action(run);
}

async function run(addresses: string[], options: Options): Promise<void> {
  if ((addresses.length === 0) === (options.wave === undefined)) throw new CausewayError('usage', 'name accounts, or a wave');
  if (options.wave !== undefined && !/^[1-9]\d{0,5}$/.test(options.wave)) throw new CausewayError('usage', `"${options.wave}" is no wave`, { place: '--wave' });
  await act(options, async ({ store, facts, by }) => {
    const ids =
      options.wave === undefined
        ? (await Promise.all(addresses.map((address) => accountNamed(store, address)))).map(({ account }) => account.id)
        : await waveAccounts(store, (await findPlan(store, options.plan)).id, Number(options.wave));
    const result = await store.transaction((tx) => (options.to === OURS ? handOver(tx, ids, { by, facts }) : handBack(tx, ids, options.to, { by, facts })));
    print({ to: options.to, ...result }, options.json, ({ done, unchanged, refused }) =>
      [`${done.length} handed over to ${options.to}, ${unchanged.length} were already`, ...refused.map(({ address, why }) => `  ${address}: ${why}`)].join('\n'),
    );
    if (result.refused.length > 0) process.exitCode = 1;
  });
}
