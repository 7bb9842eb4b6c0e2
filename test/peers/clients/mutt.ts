/** mutt, of Debian: with GnuTLS and GSASL. Its keys are pushed; its log of the conversation is `.muttdebug0`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, put, SUBJECT, type Visit } from './client.ts';

const tls = ({ ca }: Visit): string => `set ssl_ca_certificates_file="${ca}"
set ssl_force_tls=yes
set ssl_starttls=yes
set certificate_file="/dev/null"
`;

/** mutt keeps its log in its home under a name of its own. */
const withLog = (command: string): string[] => ['sh', '-c', `${command}; cat .muttdebug0 >debug`];

const common = { version: ['mutt', '-v'], printed: /^.*(?:[Ll]ogin failed|authentication failed|Could not send).*$/gm } as const;

export const muttImap: Client = {
  name: 'mutt',
  protocol: 'imap',
  ...common,
  prepare: (visit) => {
    const { user, secret, ports, folder } = visit;
    put(visit, 'muttrc', `${tls(visit)}set imap_user="${user}"
set imap_pass="${secret}"
set folder=""
set spoolfile="imaps://localhost:${ports.imaps}/INBOX"
set copy=no
set confirmcreate=no
set confirmappend=no
set wait_key=no
set timeout=5
set quit=yes
push "<copy-message><kill-line>${join(folder, 'copy.mbox')}<enter><quit>"
`);
    return { command: withLog('mutt -n -d 2 -F muttrc'), terminal: { seeing: 'No mailbox is open', keys: 'q' } };
  },
  worked: ({ folder }) => readIfThere(join(folder, 'copy.mbox')).includes(SUBJECT),
};

export const muttSmtp: Client = {
  name: 'mutt',
  protocol: 'submission',
  ...common,
  prepare: (visit) => {
    const { user, secret, ports } = visit;
    put(visit, 'muttrc', `${tls(visit)}set smtp_url="smtp://${user.replace('@', '%40')}@localhost:${ports.submission}/"
set smtp_pass="${secret}"
set from="${user}"
set copy=no
`);
    return { command: withLog(`echo Hello. | mutt -n -d 2 -F muttrc -s "from mutt" ${user} && echo sent`) };
  },
  worked: (_, { output }) => /^sent$/m.test(output),
};

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
