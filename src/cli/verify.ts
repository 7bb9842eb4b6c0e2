import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { CausewayError, messageOf } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { openPlatform } from '#mover/access.ts';
import { type Kept, type Verification, verifyAgainstReceipt } from '#mover/compare/against-receipt.ts';
import { printable } from '#mover/compare/label.ts';
import { lastReceipt, RECEIPT_PUBLIC_KEY_FILE, type ReceiptBody, receiptText, verifyReceipt } from '#mover/index.ts';
import { accountNamed, act } from './account-named.ts';
import { namedOf } from './compare.ts';
import { comparisonText } from './comparison.ts';
import { print, table } from './output.ts';
import { progressLine } from './progress.ts';

type Options = { config?: string; name: string; json?: boolean };

export function verifyCommand(): Command {
  return new Command('verify')
    .description('reads both platforms of an account’s last move anew and holds them against its receipt; changes nothing')
    .argument('<address>', 'an address, login name or recipient')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--name <number>', 'how many messages of each kind of difference are named', '20')
    .option('--json', 'one JSON object: {address, receipt, well, kept, comparison}')
    .addHelpText(
      'after',
      '\nMail that came after the move is counted and held against nobody. What the customer deleted, moved or flagged since\nis a difference like any other: directly after a move there is none.\nExit status 0 when all is as it was proven, 1 when it is not.',
    )
    .action(verify);
}

/** A platform in trouble; a healthy one answers within milliseconds, and a large SELECT within some seconds. */
const COMMAND_MS = 120_000;

async function verify(name: string, options: Options): Promise<void> {
  const most = namedOf(options.name);
  await act(options, async ({ store, folder, config }) => {
    const { account, route } = await accountNamed(store, name);
    const signed = await lastReceipt(store, account.id);
    if (signed === undefined) {
      throw new CausewayError('not-found', `${account.address} was never moved: there is no receipt`, { remedy: 'causeway compare holds any two accounts against each other' });
    }
    const receipt = verifyReceipt(receiptText(signed), publicKey(join(folder, RECEIPT_PUBLIC_KEY_FILE)));
    const open = (side: 'source' | 'target') => {
      const platform = config.platforms[receipt[side]];
      if (platform === undefined) throw new CausewayError('not-found', `the configuration has no platform "${receipt[side]}" any more`);
      const access = { clock: systemClock, commandMs: COMMAND_MS, signal: new AbortController().signal, beforeWrite: () => {} };
      return openPlatform(platform, account.platformLogins?.[receipt[side]] ?? account.address, access);
    };
    const opening = [open('source'), open('target')] as const;
    const line = progressLine(options.json !== true);
    try {
      const [source, target] = await Promise.all(opening);
      const result = await verifyAgainstReceipt(source, target, receipt, { name: most, onProgress: (progress) => line.show(progress) });
      line.end();
      const { time, epoch } = receipt;
      print({ address: account.address, home: route.home, receipt: { source: receipt.source, target: receipt.target, time, epoch }, ...result }, options.json, (shown) =>
        asText(shown, receipt),
      );
      if (!result.well) process.exitCode = 1;
      await Promise.all([source.logout(), target.logout()]);
    } finally {
      line.end();
      for (const each of await Promise.allSettled(opening)) if (each.status === 'fulfilled') each.value.destroy();
    }
  });
}

function publicKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CausewayError('input', `the key of the receipts cannot be read: ${messageOf(cause)}`, { place: file, cause });
  }
}

function asText(shown: Verification & { address: string; home: string }, { source, target, time }: ReceiptBody): string {
  const { well, kept, comparison } = shown;
  const since = kept.reduce((sum, each) => sum + (each.side === 'target' ? each.since : 0), 0);
  const proven = kept.reduce((sum, each) => sum + (each.side === 'target' ? each.proven : 0), 0);
  const head = `${shown.address}: ${source} → ${target}, receipt of ${time} is genuine; lives at ${shown.home}.`;
  const news = since === 0 ? '' : ` ${since} came since.`;
  if (well) return `${head}\nAll ${proven} messages are on both sides as they were proven.${news}`;
  const odd = kept.filter(({ state }) => state !== 'as-proven');
  return [
    head,
    `Not all is as it was proven.${news}`,
    ...(odd.length === 0 ? [] : ['', table(['PLATFORM', 'MAILBOX', 'STATE', 'PROVEN', 'FOUND'], odd.map((each: Kept) => [each.side === 'source' ? source : target, printable(each.mailbox), each.state, each.proven, each.found]))]),
    '',
    comparisonText(comparison),
  ].join('\n');
}
