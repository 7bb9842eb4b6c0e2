/** What `causeway check` tries of the front doors of others. */
import { accessSync, constants, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Config } from '#config/index.ts';
import { CausewayError } from '#errors/index.ts';
import { LIMITS } from './probe.ts';

type Attempt = readonly [what: string, work: () => Promise<string>];

export function frontDoorAttempts({ listen: { sasl, authHttp }, platforms }: Config): Attempt[] {
  const attempts: Attempt[] = [];
  if (sasl !== undefined && 'path' in sasl) attempts.push(['listen.sasl', async () => folderOf(sasl.path)]);
  if (authHttp === undefined) return attempts;
  for (const [name, { imap, pop3, submission }] of Object.entries(authHttp.backends)) {
    for (const [protocol, at] of Object.entries({ imap, pop3, submission })) {
      if (at !== undefined) attempts.push([`${name}: ${protocol} for nginx`, () => greeting(at)]);
    }
  }
  for (const { name, entrances } of Object.values(platforms)) attempts.push([`${name}: an entrance for nginx`, async () => entranceFor(entrances)]);
  attempts.push(['listen.authHttp: moves', async () => (authHttp.moves === 'unfenced' ? 'accounts are moved; that both platforms are fenced in a hold is your word' : 'no account is moved while nginx may have IMAP or POP3 sessions')]);
  return attempts;
}

function folderOf(path: string): string {
  const folder = dirname(path);
  accessSync(folder, constants.W_OK | constants.X_OK);
  return `${folder} is there${(statSync(folder).mode & 0o002) === 0 ? '' : ', and everybody may write to it'}`;
}

function entranceFor(entrances: Config['platforms'][string]['entrances']): string {
  const usable = entrances.filter((each) => each.kind !== 'master' || each.style !== 'authzid');
  const [entrance] = [...usable.filter(({ kind }) => kind !== 'replay'), ...usable];
  if (entrance === undefined) throw new CausewayError('config', 'none that nginx can use', { remedy: 'add one of the kind trusted, replay, or master with style: separator' });
  return entrance.kind === 'replay' ? 'replay: app passwords, and secrets that the platform does not have, do not get in' : entrance.kind;
}

function greeting({ host, port }: { host: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: LIMITS.connectMs });
    const fail = (message: string, cause?: unknown): void => {
      socket.destroy();
      reject(new CausewayError('unavailable', message, { place: `${host}:${port}`, cause }));
    };
    socket.once('timeout', () => fail('no greeting in time'));
    socket.once('error', (error) => fail(error.message, error));
    socket.once('data', (chunk) => {
      socket.destroy();
      const line = chunk.toString('latin1').split(/\r?\n/, 1)[0]!.slice(0, 80);
      if (/^(\* OK|\+OK|220)/.test(line)) resolve(`greets in clear, as nginx needs it: ${line}`);
      else fail('no greeting in clear, which nginx needs');
    });
  });
}
