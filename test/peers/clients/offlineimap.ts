/** OfflineIMAP: both ways between the account and a Maildir, on python's imaplib2. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, put, SUBJECT } from './client.ts';
import { messagesIn } from './isync.ts';

export const offlineimap: Client = {
  name: 'offlineimap',
  protocol: 'imap',
  version: ['offlineimap', '--version'],
  printed: /^ERROR: (?!Exceptions).*(?:\n\t.*)*/gm,
  prepare: (visit) => {
    const { user, secret, ports, ca, folder } = visit;
    put(visit, 'rc', `[general]
accounts = isp
metadata = ${folder}/state

[Account isp]
localrepository = near
remoterepository = far

[Repository near]
type = Maildir
localfolders = ${folder}/mail

[Repository far]
type = IMAP
remotehost = localhost
remoteport = ${ports.imaps}
remoteuser = ${user}
remotepass = ${secret}
ssl = yes
sslcacertfile = ${ca}
folderfilter = lambda name: name == 'INBOX'
`);
    return { command: ['offlineimap', '-c', 'rc', '-o', '-d', 'imap', '-u', 'basic'] };
  },
  worked: ({ folder }, { status }) => status === 0 && existsSync(join(folder, 'mail/INBOX')) && messagesIn(join(folder, 'mail/INBOX')).includes(SUBJECT),
};
