import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { attached } from '#context/attach.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { lastReceipt, RECEIPT_PUBLIC_KEY_FILE, receiptText, verifyReceipt } from '#mover/index.ts';
import { defaultDataFolder, loadConfig } from '#config/index.ts';
import { accountNamed } from './account-named.ts';
import { print } from './output.ts';

export function receiptCommand(): Command {
  const receipt = new Command('receipt')
    .description('the signed proof of what was moved')
    .argument('[address]', 'an address, login name or recipient')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .addHelpText('after', '\nExample:\n  causeway receipt ada@isp.example > ada.receipt\n  causeway receipt verify ada.receipt')
    .action(show);
  receipt
    .command('verify')
    .description('checks a receipt with the public key alone')
    .argument('<file>')
    .option('--key <file>', 'the public key (PEM); by default the data folder’s')
    .option('--json', 'one JSON object')
    .action(verify);
  return receipt;
}

async function show(address: string | undefined, options: { config?: string }): Promise<void> {
  if (address === undefined) throw new CausewayError('usage', 'whose receipt?', { remedy: 'causeway receipt ADDRESS' });
  await attached(options.config, async ({ store }) => {
    const { account } = await accountNamed(store, address);
    const receipt = await lastReceipt(store, account.id);
    if (receipt === undefined) throw new CausewayError('not-found', `${account.address} was never moved`, { place: address });
    process.stdout.write(receiptText(receipt));
  });
}

function verify(file: string, options: { key?: string; json?: boolean }, command: Command): void {
  const { config } = command.optsWithGlobals<{ config?: string }>();
  const folder = config === undefined ? defaultDataFolder() : loadConfig(config).data;
  const body = verifyReceipt(read(file), read(options.key ?? join(folder, RECEIPT_PUBLIC_KEY_FILE)));
  print(body, options.json, ({ account, source, target, time, mailboxes, refused }) => {
    const messages = mailboxes.reduce((sum, mailbox) => sum + mailbox.target.count, 0);
    return `The receipt is genuine.\n${account.address}: ${source} → ${target} at ${time}, ${messages} messages in ${mailboxes.length} mailboxes${refused.length === 0 ? '' : `; without ${refused.length} that stayed at ${source} by a person’s decision`}`;
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CausewayError('input', `cannot be read: ${messageOf(cause)}`, { place: file, cause });
  }
}
