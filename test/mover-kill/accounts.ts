/** The accounts that are carried there and back: their mail, what happens to it between two ways, and how it is read. */
import { createHash } from 'node:crypto';
import { ImapFlow } from 'imapflow';
import type { SeedMessage } from '../../src/practice/index.ts';
import type { Random } from '../../src/rehearsal/random.ts';
import { TOKEN } from '../installation.ts';

/** Small and large, with flags and keywords. */
function message(random: Random, user: string, n: number): SeedMessage {
  return {
    bytes: Buffer.from(`From: <${user}>\r\nMessage-ID: <${n}.${user}>\r\nSubject: ${n}\r\n\r\n${'all work and no play\r\n'.repeat(random.chance(0.1) ? 10_000 : random.below(60))}`),
    internalDateMs: 1e12 + n * 60_000,
    flags: ['\\Seen', '\\Flagged', '\\Answered'].filter(() => random.chance(0.4)),
    keywords: random.chance(0.3) ? ['Work', '$Forwarded'] : [],
  };
}

/** By mailbox, with true duplicates. */
export function seedMail(random: Random, user: string): Record<'INBOX' | 'Archive/2020', SeedMessage[]> {
  const mail = Array.from({ length: 25 }, (_, n) => message(random, user, n));
  return { INBOX: [...mail.slice(0, 20), mail[3]!], 'Archive/2020': [...mail.slice(20), mail[3]!, mail[3]!] };
}

async function withAccount<R>(port: number, user: string, work: (client: ImapFlow) => Promise<R>): Promise<R> {
  const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, doSTARTTLS: false, auth: { user, pass: TOKEN }, logger: false });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.logout().catch(() => client.close());
  }
}

/** New messages, one of them a duplicate of another, one that goes and one whose flags change. */
export function stir(port: number, user: string, random: Random, way: number): Promise<void> {
  return withAccount(port, user, async (client) => {
    await client.mailboxOpen('INBOX');
    for (let n = 0; n < 3; n += 1) {
      const { bytes, flags, keywords, internalDateMs } = message(random, user, 100 * way + n);
      for (let times = n === 0 ? 2 : 1; times > 0; times -= 1) await client.append('INBOX', bytes!, [...(flags ?? []), ...(keywords ?? [])], new Date(internalDateMs!));
    }
    await client.messageDelete(String(1 + random.below(5)));
    await client.messageFlagsSet(String(1 + random.below(5)), ['\\Seen', 'Stirred']);
  });
}

/** What an account holds, by mailbox, in the order of its UIDs: flags, date and SHA-256 of each message. */
export function read(port: number, user: string): Promise<Record<string, string[]>> {
  return withAccount(port, user, async (client) => {
    const held: Record<string, string[]> = {};
    for (const entry of await client.list()) {
      if (entry.flags.has('\\Noselect') || entry.flags.has('\\NonExistent')) continue;
      const lines: string[] = [];
      const { exists } = await client.mailboxOpen(entry.path, { readOnly: true });
      if (exists > 0) {
        for await (const { flags, internalDate, source } of client.fetch('1:*', { uid: true, flags: true, internalDate: true, source: true })) {
          const known = [...flags!].filter((flag) => flag !== '\\Recent').sort();
          lines.push(`${createHash('sha256').update(source!).digest('hex').slice(0, 16)} ${new Date(internalDate!).toISOString()} ${known.join(' ')}`);
        }
      }
      held[entry.path.split(entry.delimiter || '/').join('/')] = lines;
    }
    return held;
  });
}
