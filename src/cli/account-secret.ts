import { Command } from 'commander';
import { openSecrets } from '#context/secrets.ts';
import { type Confirmations, confirmationsOf, createResetLink } from '#directory/index.ts';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { createHasher, type SecretSet } from '#signin/index.ts';
import type { Store } from '#store/index.ts';
import { accountNamed, act, acting, type ActOptions } from './account-named.ts';
import { print } from './output.ts';
import { readSecret } from './read-secret.ts';

export function addSecretCommands(account: Command): void {
  acting(account.command('password').description('sets a new password: typed, or the first line of standard input').argument('<address>'))
    .addHelpText('after', '\nIt holds at once on every instance that reaches the store; those that do not are named.\nExample:\n  causeway account password jane@example.org --why "case 17" < new-password')
    .action(setPassword);
  acting(account.command('reset-link').description('makes a one-time link by which the customer sets a password, good for an hour; a token alone where listen.selfcare has no url').argument('<address>')).action(makeLink);
}

async function setPassword(name: string, options: ActOptions): Promise<void> {
  await act(options, async ({ store, config, by }) => {
    const { account } = await accountNamed(store, name);
    const secret = await readSecret();
    const hasher = createHasher({ clock: systemClock, emit: silent, workers: 1 });
    try {
      const set = await openSecrets(config, store, hasher.makeInTurn).set(account.id, secret, { by, act: 'account.secret-reset' });
      const heard = set.outcome === 'changed' ? await heardBy(store, set.change) : { confirmed: [], notYet: [] };
      print({ address: account.address, ...set, ...heard }, options.json, asText);
    } finally {
      await hasher.close();
    }
  });
}

/** As long as an instance takes that reaches the store, and some. */
const HEARD_MS = 3_000;
const LOOK_MS = 100;

/** Who acts by a change; waits a moment for those that are about to. */
export async function heardBy(store: Store, change: string): Promise<Confirmations> {
  const until = systemClock.monotonic() + HEARD_MS;
  for (;;) {
    const heard = await confirmationsOf(store, change);
    if (heard.notYet.length === 0 || systemClock.monotonic() > until) return heard;
    await systemClock.sleep(LOOK_MS);
  }
}

export function heardText({ confirmed, notYet }: Confirmations): string[] {
  return [
    ...(confirmed.length === 0 ? [] : [`  in effect on     ${confirmed.join(', ')}`]),
    ...notYet.map(({ instance, since }) => `  not confirmed by ${instance}, last heard of ${since === undefined ? 'never' : since.toISOString()}: it may act as before`),
  ];
}

function asText(shown: { address: string } & SecretSet & Confirmations): string {
  if (shown.outcome === 'asked') return `${shown.platform} was asked to change it; until it has confirmed, the present password of ${shown.address} is the right one`;
  return [
    `the password of ${shown.address} is changed`,
    ...(shown.takenFrom === undefined ? [] : [`  the final word   was ${shown.takenFrom}'s and is ours now`]),
    ...(shown.told.length === 0 ? [] : [`  being told       ${shown.told.join(', ')}`]),
    ...heardText(shown),
  ].join('\n');
}

async function makeLink(name: string, options: ActOptions): Promise<void> {
  await act(options, async ({ store, config, facts, by }) => {
    const { account } = await accountNamed(store, name);
    const link = await store.transaction((tx) => createResetLink(tx, account.id, { by, facts }));
    const pages = config.listen.selfcare?.url;
    const url = pages === undefined ? undefined : `${pages}/reset/${link.token}`;
    print({ address: account.address, ...link, ...(url === undefined ? {} : { url }) }, options.json, ({ token, expiresAt }) => `${url ?? token}\n  for ${account.address}, once, until ${expiresAt.toISOString()}; a link made before does not serve any more`);
  });
}
