/** fetchmail: takes what is in the maildrop, and leaves it there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, put, SUBJECT } from './client.ts';

export const fetchmail: Client = {
  name: 'fetchmail',
  protocol: 'pop3',
  version: ['fetchmail', '--version'],
  printed: /^fetchmail: (?:\[|Authorization|Lock-busy|lock busy!).*/gm,
  prepare: (visit) => {
    const { user, secret, ports, ca, folder } = visit;
    put(visit, 'rc', `set no bouncemail
poll localhost protocol pop3 port ${ports.pop3s} timeout 30
  user "${user}" password "${secret}" ssl sslcertck sslcertfile "${ca}" keep
  mda "cat >>${join(folder, 'mbox')}"
`);
    return { command: ['fetchmail', '-f', 'rc', '--nodetach', '--nosyslog', '-v', '-v', '--pidfile', join(folder, 'pid')] };
  },
  worked: ({ folder }) => existsSync(join(folder, 'mbox')) && readFileSync(join(folder, 'mbox'), 'utf8').includes(SUBJECT),
};
