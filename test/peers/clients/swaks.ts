/** swaks: one message, with all that is said. */
import type { Client } from './client.ts';

export const swaks: Client = {
  name: 'swaks',
  protocol: 'submission',
  version: ['swaks', '--version'],
  printed: /^\*\*\* .*/gm,
  prepare: ({ user, secret, ports, ca }) => ({
    command: ['swaks', '--server', 'localhost', '--port', String(ports.submission), '--tls', '--tls-verify', '--tls-ca-path', ca, '--auth', 'PLAIN',
      '--auth-user', user, '--auth-password', secret, '--from', user, '--to', user, '--header', 'Subject: from swaks', '--helo', 'client.example'],
  }),
  worked: (_, { status, output }) => status === 0 && /^<~ +250 2\.\d\.\d /m.test(output),
};
