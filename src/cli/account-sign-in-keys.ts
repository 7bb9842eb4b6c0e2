/** For who lost the phone that makes the codes, or a device with a passkey, and comes to the technicians. */
import { Command } from 'commander';
import { listPasskeys, removePasskey, turnSecondStepOff } from '#directory/index.ts';
import { accountNamed, act, acting, type ActOptions } from './account-named.ts';
import { print, table } from './output.ts';

export function addSignInKeyCommands(account: Command): void {
  const step = account.command('second-step').description('the code that the webmail asks for after the password');
  acting(step.command('off').description('turns it off, with its recovery codes: see first that it is the customer who asks').argument('<address>')).action(off);
  const passkey = account.command('passkey').description('the keys by which a customer signs in to the webmail without a password');
  acting(passkey.command('list').description('with when each was last used').argument('<address>')).action(list);
  acting(passkey.command('remove').description('ends one; browsers in which it signed in stay signed in').argument('<address>').argument('<id>', 'as `passkey list` shows it')).action(remove);
}

async function off(name: string, options: ActOptions): Promise<void> {
  await act(options, async ({ store, by }) => {
    const { account } = await accountNamed(store, name);
    await store.transaction((tx) => turnSecondStepOff(tx, account.id, by));
    print({ address: account.address, secondStep: 'off' }, options.json, ({ address }) => `${address} is asked for no code any more`);
  });
}

async function list(name: string, options: ActOptions): Promise<void> {
  await act(options, async ({ store }) => {
    const { account } = await accountNamed(store, name);
    print({ address: account.address, passkeys: await listPasskeys(store, account.id) }, options.json, ({ passkeys }) =>
      table(
        ['ID', 'NAME', 'MADE', 'LAST USED'],
        passkeys.map(({ id, name: called, createdAt, lastUsedAt }) => [id, called, day(createdAt), day(lastUsedAt)]),
      ),
    );
  });
}

const day = (date: Date | null): string => (date === null ? '-' : date.toISOString().slice(0, 16).replace('T', ' '));

async function remove(name: string, id: string, options: ActOptions): Promise<void> {
  await act(options, async ({ store, by }) => {
    const { account } = await accountNamed(store, name);
    await store.transaction((tx) => removePasskey(tx, account.id, id, by));
    print({ address: account.address, id }, options.json, ({ address }) => `the passkey of ${address} is removed`);
  });
}
