/**
 * What a tool lost, altered or doubled: both sides as they answer over IMAP, compared as multisets.
 *
 * Invariant: it knows neither the tools nor our own client (imapflow asks). A message is its mailbox, the SHA-256 of its
 * bytes, its internal date, its flags and keywords. Of those that have no equal on the other side, one with the same
 * body in the same mailbox is altered; what remains at the source is lost, what remains at the target is there once too
 * often.
 */
import { createHash } from 'node:crypto';
import { ImapFlow } from 'imapflow';
import { PASSWORD } from './dovecot.ts';

export type Verdict = { readonly lost: number; readonly altered: number; readonly doubled: number };

export type Kept = { readonly exact: string; readonly body: string };

export function judge(source: readonly Kept[], target: readonly Kept[]): Verdict {
  const there = new Map<string, Kept[]>();
  for (const message of target) {
    const same = there.get(message.exact);
    if (same === undefined) there.set(message.exact, [message]);
    else same.push(message);
  }
  const missing = source.filter(({ exact }) => there.get(exact)?.pop() === undefined);
  const rest = new Map<string, number>();
  for (const left of there.values()) for (const { body } of left) rest.set(body, (rest.get(body) ?? 0) + 1);
  let altered = 0;
  for (const { body } of missing) {
    const alike = rest.get(body) ?? 0;
    if (alike === 0) continue;
    rest.set(body, alike - 1);
    altered += 1;
  }
  const doubled = [...rest.values()].reduce((sum, n) => sum + n, 0);
  return { lost: missing.length - altered, altered, doubled };
}

/** All that an account holds. */
export async function readAccount(port: number, user: string): Promise<Kept[]> {
  const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, doSTARTTLS: false, auth: { user, pass: PASSWORD }, logger: false, disableAutoIdle: true });
  await client.connect();
  const found: Kept[] = [];
  try {
    for (const { path, flags } of await client.list()) {
      if (flags.has('\\Noselect') || flags.has('\\NonExistent')) continue;
      await client.mailboxOpen(path, { readOnly: true });
      if (client.mailbox === false || client.mailbox.exists === 0) continue;
      for await (const { source, flags: set, internalDate } of client.fetch('1:*', { source: true, flags: true, internalDate: true })) {
        const bytes = source!;
        const words = [...set!].map((flag) => flag.toLowerCase()).filter((flag) => flag !== '\\recent').sort().join(' ');
        const blank = bytes.subarray(0, 2).toString() === '\r\n' ? -2 : bytes.indexOf('\r\n\r\n');
        found.push({ exact: `${path} ${sha256(bytes)} ${Math.floor(Number(new Date(internalDate!)) / 1_000)} ${words}`, body: `${path} ${sha256(bytes.subarray(blank + 4))}` });
      }
    }
  } finally {
    await client.logout();
  }
  return found;
}

/** The latest UIDVALIDITY of an account's mailboxes: seconds of the clock, where many are made in one second of the future. */
export async function latestLife(port: number, user: string): Promise<number> {
  const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, doSTARTTLS: false, auth: { user, pass: PASSWORD }, logger: false, disableAutoIdle: true });
  await client.connect();
  try {
    const all = await client.list({ statusQuery: { uidValidity: true } });
    return Math.max(...all.map(({ status }) => Number(status?.uidValidity ?? 0)));
  } finally {
    await client.logout();
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64');
}
