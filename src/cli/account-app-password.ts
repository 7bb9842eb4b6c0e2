import { Command } from 'commander';
import { APP_SCOPES, type AppScope, createAppPassword, listAppPasswords, revokeAppPassword } from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';
import { accountNamed, act, acting, type ActOptions } from './account-named.ts';
import { heardBy, heardText } from './account-secret.ts';
import { print, table } from './output.ts';

export function addAppPasswordCommands(account: Command): void {
  const app = account.command('app-password').description('passwords for one device or program, each for some protocols');
  acting(app.command('add').description('makes one, and shows it once').argument('<address>'))
    .requiredOption('--label <text>', 'what the customer calls the device')
    .option('--for <protocols>', `of ${APP_SCOPES.join(', ')}`, 'imap,submission')
    .action(add);
  acting(app.command('list').description('with when each was last used, to the hour').argument('<address>')).action(list);
  acting(app.command('revoke').description('ends one, and the sessions of the account').argument('<address>').argument('<number>')).action(revoke);
}

async function add(name: string, options: ActOptions & { label: string; for: string }): Promise<void> {
  const scope = options.for.split(',').map(scopeOf);
  await act(options, async ({ store, facts, by }) => {
    const { account } = await accountNamed(store, name);
    const made = await store.transaction((tx) => createAppPassword(tx, account.id, { label: options.label, scope, by, facts }));
    print({ address: account.address, scope, ...made }, options.json, ({ secret, id }) => `${secret}\n  number ${id} of ${account.address}, for ${scope.join(', ')}; it is shown this once`);
  });
}

function scopeOf(text: string): AppScope {
  const scope = APP_SCOPES.find((each) => each === text.trim());
  if (scope === undefined) throw new CausewayError('usage', `there is no protocol "${text}"`, { place: '--for', remedy: `expected some of ${APP_SCOPES.join(', ')}, with commas between` });
  return scope;
}

async function list(name: string, options: ActOptions): Promise<void> {
  await act(options, async ({ store }) => {
    const { account } = await accountNamed(store, name);
    print({ address: account.address, appPasswords: await listAppPasswords(store, account.id) }, options.json, ({ appPasswords }) =>
      table(
        ['NUMBER', 'LABEL', 'FOR', 'MADE', 'LAST USED', 'REVOKED'],
        appPasswords.map((each) => [each.id, each.label, each.scope.join(','), day(each.createdAt), day(each.lastUsedAt), day(each.revokedAt)]),
      ),
    );
  });
}

const day = (date: Date | null): string => (date === null ? '-' : date.toISOString().slice(0, 16).replace('T', ' '));

async function revoke(name: string, number: string, options: ActOptions): Promise<void> {
  if (!/^[1-9]\d{0,14}$/.test(number)) throw new CausewayError('usage', `"${number}" is no number`, { remedy: 'See: causeway account app-password list' });
  await act(options, async ({ store, by }) => {
    const { account } = await accountNamed(store, name);
    const { change } = await store.transaction((tx) => revokeAppPassword(tx, account.id, Number(number), by));
    print({ address: account.address, id: Number(number), ...(await heardBy(store, change)) }, options.json, (shown) => [`app password ${number} of ${account.address} is revoked`, ...heardText(shown)].join('\n'));
  });
}
