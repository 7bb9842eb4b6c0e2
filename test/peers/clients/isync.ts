/** mbsync, of isync: both ways between the account and a Maildir. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, put, SUBJECT } from './client.ts';

export const mbsync: Client = {
  name: 'mbsync',
  protocol: 'imap',
  version: ['mbsync', '--version'],
  printed: /^(?:IMAP error|Error|IMAP command).*/gm,
  prepare: (visit) => {
    const { user, secret, ports, ca, folder } = visit;
    put(visit, 'mbsyncrc', `IMAPAccount isp
Host localhost
Port ${ports.imaps}
User ${user}
Pass ${secret}
SSLType IMAPS
SystemCertificates no
CertificateFile ${ca}

IMAPStore far
Account isp

MaildirStore near
Path ${folder}/mail/
Inbox ${folder}/mail/INBOX
SubFolders Verbatim

Channel isp
Far :far:
Near :near:
Patterns INBOX
Sync All
Create Near
SyncState *
`);
    // A message of the near side, to be brought over.
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(folder, 'mail/INBOX', part), { recursive: true });
    put(visit, 'mail/INBOX/new/1.mbsync', `From: <${user}>\nSubject: from mbsync\n\nHello.\n`);
    return { command: ['mbsync', '-D', '-c', 'mbsyncrc', 'isp'] };
  },
  worked: ({ folder }, { status, output }) => status === 0 && messagesIn(join(folder, 'mail/INBOX')).includes(SUBJECT) && / APPEND "?INBOX"? /.test(output),
};

export function messagesIn(maildir: string): string {
  return ['cur', 'new'].flatMap((part) => readdirSync(join(maildir, part)).map((file) => readFileSync(join(maildir, part, file), 'utf8'))).join('\n');
}
