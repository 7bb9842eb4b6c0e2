/** sieve-connect: stores a script, makes it the active one, and reads it back. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, put } from './client.ts';

const SCRIPT = 'require "fileinto";\nif header :contains "Subject" "list" { fileinto "Lists"; }\n';

export const sieveConnect: Client = {
  name: 'sieve-connect',
  protocol: 'sieve',
  version: ['sieve-connect', '--version'],
  printed: /^Authentication refused by server(?:\s+: .*)?/gm,
  prepare: (visit) => {
    const { user, secret, ports, ca } = visit;
    put(visit, 'main.sieve', SCRIPT);
    put(visit, 'orders', 'put main.sieve\nactivate main.sieve\nlist\nget main.sieve back.sieve\n');
    return {
      command: ['sieve-connect', '--server', 'localhost', '--port', String(ports.sieve), '--user', user, '--authmech', 'PLAIN', '--tlscafile', ca, '--passwordfd', '0', '--debug', '--exec', 'orders'],
      input: `${secret}\n`,
    };
  },
  worked: ({ folder }) => existsSync(join(folder, 'back.sieve')) && readFileSync(join(folder, 'back.sieve'), 'utf8').replaceAll('\r', '') === SCRIPT,
};
