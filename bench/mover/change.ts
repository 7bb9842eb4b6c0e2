/** What a customer does between two runs: 100 new messages, and other flags on 200. Over IMAP, as a customer does it. */
import { ImapFlow } from 'imapflow';
import { PASSWORD } from './dovecot.ts';

export async function changeSource(port: number, user: string, seed: number): Promise<void> {
  const client = new ImapFlow({ host: '127.0.0.1', port, secure: false, doSTARTTLS: false, auth: { user, pass: PASSWORD }, logger: false });
  await client.connect();
  try {
    for (let n = 0; n < 100; n += 1) {
      const text = `From: new@example.org\r\nSubject: new ${seed} ${n}\r\nMessage-ID: <new.${seed}.${n}@example.org>\r\n\r\n${'New mail.\r\n'.repeat(20 + n * 10)}`;
      await client.append(n % 2 === 0 ? 'INBOX' : 'Arbeit', text, n % 3 === 0 ? ['\\Seen', 'Work'] : [], new Date(1_700_000_000_000 + n * 60_000));
    }
    for (const [mailbox, from] of [['INBOX', 1], ['Archiv', 101]] as const) {
      await client.mailboxOpen(mailbox);
      const range = `${from}:${from + 99}`;
      // Of some messages one more flag, of others one less: neither is always a change, so both are made.
      await client.messageFlagsAdd(range, seed % 2 === 0 ? ['\\Flagged', 'todo'] : ['\\Answered', 'tax']);
    }
  } finally {
    await client.logout();
  }
}
