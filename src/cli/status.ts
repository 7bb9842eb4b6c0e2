/** For the letters that tell customers where to look: codes, one a customer, for a mail-merge. */
import { chmodSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { actor, attached } from '#context/attach.ts';
import { movableAccounts } from '#status/codes/whom.ts';
import { makeCodes } from '#status/codes/codes.ts';
import { CausewayError } from '#errors/index.ts';

type Options = { config?: string; wave?: string; days: string; why?: string; out: string };

export function statusCommand(): Command {
  const status = new Command('status').description('what the public and the customers are told');
  status
    .command('codes')
    .description('makes a code for each customer, by which the status site tells how the own move stands; a CSV file for a mail-merge')
    .requiredOption('--out <file>', 'where to write it: it must not be there yet, and only its owner can read it')
    .option('-c, --config <file>', 'the configuration of the instance; by default that of the demo')
    .option('--wave <name>', 'only the accounts of this wave')
    .option('--days <n>', 'how long the codes serve', '120')
    .option('--why <text>', 'for the audit')
    .action(codes);
  return status;
}

async function codes({ config, wave, days: given, why, out }: Options): Promise<void> {
  const days = Number(given);
  if (!Number.isInteger(days) || days < 1 || days > 366) throw new CausewayError('usage', `--days: expected a whole number from 1 to 366, found "${given}"`);
  await attached(config, async ({ store }) => {
    const accounts = await movableAccounts(store, wave);
    if (accounts.length === 0) throw new CausewayError('not-found', wave === undefined ? 'there are no accounts' : `no wave "${wave}" has accounts`);
    const addresses = new Map(accounts.map(({ id, address }) => [id, address]));
    await store.transaction(async (tx) => {
      const made = await makeCodes(tx, [...addresses.keys()], { days, actor: actor(), why });
      // Before the commit: codes that nobody has are of no use, and a file that was there stays as it was.
      writeNew(out, ['address,code', ...made.map(({ accountId, code }) => `${field(addresses.get(accountId)!)},${code}`), ''].join('\r\n'));
    });
    process.stdout.write(`${accounts.length} codes in ${out}\n`);
  });
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    chmodSync(path, 0o600);
  } catch (cause) {
    throw new CausewayError('input', 'the file cannot be made', { place: path, remedy: 'Name one that is not there yet, in a folder that you may write.', cause });
  }
}

/** RFC 4180; what a spreadsheet would take for a formula is quoted and begun by an apostrophe. */
function field(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
