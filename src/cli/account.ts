import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { actor, attached } from '#context/attach.ts';
import { formatOf, hashClear, importAccounts, readAccountFile } from '#directory/import.ts';
import type { ImportRow } from '#directory/import-row.ts';
import { readUntold, type Untold } from '#directory/outbox/claim.ts';
import type { Entry } from '#directory/read-entries.ts';
import { lastMove, type MoveStatus } from '#mover/index.ts';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { createHasher, schemeFault } from '#signin/index.ts';
import { addHandOverCommand } from './account-authority.ts';
import { addAppPasswordCommands } from './account-app-password.ts';
import { accountNamed } from './account-named.ts';
import { addNameCommands } from './account-names.ts';
import { addSecretCommands } from './account-secret.ts';
import { addSignInKeyCommands } from './account-sign-in-keys.ts';
import { addStateCommands } from './account-state.ts';
import { print } from './output.ts';

type Options = { config?: string; json?: boolean };

export function accountCommand(): Command {
  const account = new Command('account').description('who has mail here, and where it lives');
  account
    .command('import')
    .description('reads accounts in, all of them or none')
    .argument('<file>', 'CSV with a header (address,platform,hash,login_names,recipients,authority,state,customer_name,customer_number,phones) or a Dovecot passwd-file')
    .option('--platform <name>', 'the home of the accounts of a passwd-file')
    .option('--dry-run', 'checks the file and changes nothing')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExample:\n  causeway account import customers.csv\n  causeway account import /etc/dovecot/users --platform old')
    .action(importFile);
  account
    .command('show')
    .description('home, phase, login names, recipients, and the last move')
    .argument('<address>', 'an address, login name or recipient')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object')
    .action(show);
  for (const add of [addSecretCommands, addAppPasswordCommands, addSignInKeyCommands, addNameCommands, addStateCommands, addHandOverCommand]) add(account);
  return account;
}

async function importFile(file: string, options: Options & { platform?: string; dryRun?: boolean }): Promise<void> {
  await attached(options.config, async ({ store, run }) => {
    const rows = await readAccountFile(file, {
      format: formatOf(file),
      platforms: run.platforms,
      hashFault: schemeFault,
      ...(options.platform === undefined ? {} : { platform: options.platform }),
    });
    if (options.dryRun !== true) {
      const hashed = await withoutClear(rows);
      await store.transaction((tx) => importAccounts(tx, hashed, { actor: actor(), file }));
    }
    print({ file, accounts: rows.length, imported: options.dryRun !== true }, options.json, (result) =>
      result.imported ? `${result.accounts} accounts imported` : `${result.accounts} accounts, nothing wrong; nothing was changed`,
    );
  });
}

/** Some 100 a second and core. */
async function withoutClear(rows: readonly ImportRow[]): Promise<readonly ImportRow[]> {
  const clear = rows.filter((row) => row.clear !== undefined).length;
  if (clear === 0) return rows;
  if (clear > 1_000) process.stderr.write(`hashing ${clear} passwords that the file has in clear, some 100 a second and core\n`);
  const hasher = createHasher({ clock: systemClock, emit: silent });
  try {
    return await hashClear(rows, hasher.makeInTurn, availableParallelism());
  } finally {
    await hasher.close();
  }
}

async function show(name: string, options: Options): Promise<void> {
  await attached(options.config, async ({ store }) => {
    const { account, route } = await accountNamed(store, name);
    const move = await lastMove(store, account.id);
    const { hash, former, appPasswords, revoked: _revoked, ...shown } = account;
    const secret = hash === undefined ? 'known to its platform only' : `a hash of ours (${hash.origin}, ${/^\{([^}]+)\}/.exec(hash.encoded)?.[1] ?? '?'})`;
    const counts = { formerSecrets: former?.length ?? 0, appPasswords: appPasswords?.length ?? 0 };
    const untold = await readUntold(store, account.id);
    print({ ...shown, secret, ...counts, untold, home: route.home, phase: route.phase, epoch: route.epoch, move }, options.json, asText);
  });
}

type Shown = Omit<Entry['account'], 'hash' | 'former' | 'appPasswords' | 'revoked'> & { secret: string; appPasswords: number; untold: Untold[]; home: string; phase: string; epoch: number; move: MoveStatus | undefined };

function asText(shown: Shown): string {
  const lines = [
    `${shown.address}  (account ${shown.id}, ${shown.state})`,
    `  home         ${shown.home}, ${shown.phase}`,
    `  signs in as  ${shown.loginNames.join(', ')}`,
    `  receives     ${shown.recipients.join(', ')}`,
    `  secret       ${shown.secret}; final word: ${shown.authority}`,
  ];
  for (const [platform, login] of Object.entries(shown.platformLogins ?? {})) if (login !== shown.address) lines.push(`  at ${platform.padEnd(9)} known as ${login}`);
  if (shown.appPasswords > 0) lines.push(`  and          ${shown.appPasswords} app passwords (causeway account app-password list)`);
  for (const { platform, act, tries, error } of shown.untold) lines.push(`  untold       ${platform} does not know the new ${act} yet (${tries} tries${error === null ? '' : `, the last: ${error}`})`);
  if (shown.move !== undefined) {
    const { move } = shown;
    lines.push(`  last move    ${move.source} → ${move.target}: ${move.state}${move.error === null ? '' : ` (${move.error})`}`);
  }
  return lines.join('\n');
}
