import { Command } from 'commander';
import { type AccountState, changeState } from '#directory/index.ts';
import { accountNamed, act, acting, type ActOptions } from './account-named.ts';
import { print } from './output.ts';

const COMMANDS: readonly (readonly [name: string, state: AccountState, description: string])[] = [
  ['suspend', 'suspended', 'nobody signs in, mail is taken; sessions are ended'],
  ['send-block', 'send-blocked', 'mail is read and taken, none is sent'],
  ['close', 'closed', 'nobody signs in, mail is refused; nothing is deleted'],
  ['reopen', 'active', 'of a suspended, send-blocked or closed account: all is as before'],
];

export function addStateCommands(account: Command): void {
  for (const [name, state, description] of COMMANDS) {
    acting(account.command(name).description(description).argument('<address>')).action((address: string, options: ActOptions) =>
      act(options, async ({ store, facts, by }) => {
        const found = await accountNamed(store, address);
        const changed = await store.transaction((tx) => changeState(tx, found.account.id, state, { by, facts }));
        print({ address: found.account.address, state, changed }, options.json, (shown) => `${shown.address} is ${changed ? '' : 'already '}${state}`);
      }),
    );
  }
}
