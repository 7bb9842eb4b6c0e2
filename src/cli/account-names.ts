import { Command } from 'commander';
import { addLoginName, addRecipient, removeLoginName, removeRecipient, renameAccount } from '#directory/index.ts';
import { accountNamed, act, acting, type ActOptions } from './account-named.ts';
import { print } from './output.ts';

type Change = typeof addLoginName;

export function addNameCommands(account: Command): void {
  acting(account.command('rename').description('gives another address; the old one goes on signing in and receiving').argument('<address>').argument('<new>')).action(
    changeName(renameAccount, (address, name) => `${address} is ${name} now, and goes by both`),
  );
  const login = account.command('login-name').description('names to sign in with');
  const recipient = account.command('recipient').description('addresses to receive for, @domain for all of a domain');
  for (const [command, add, remove, what] of [[login, addLoginName, removeLoginName, 'signs in as'], [recipient, addRecipient, removeRecipient, 'receives for']] as const) {
    acting(command.command('add').argument('<address>').argument('<name>')).action(changeName(add, (address, name) => `${address} ${what} ${name} too`));
    acting(command.command('remove').argument('<address>').argument('<name>')).action(changeName(remove, (address, name) => `${address} no longer ${what} ${name}`));
  }
}

function changeName(change: Change, inWords: (address: string, name: string) => string) {
  return (address: string, name: string, options: ActOptions): Promise<void> =>
    act(options, async ({ store, facts, by }) => {
      const { account } = await accountNamed(store, address);
      const changed = await store.transaction((tx) => change(tx, account.id, name, { by, facts }));
      print({ account: account.id, address: account.address, name, changed }, options.json, () => (changed ? inWords(account.address, name) : 'it is so already'));
    });
}
