/**
 * Whether a platform's hook is there: nothing is told to it.
 */
import { access, constants } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { PlatformConfig } from '#config/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { loadSeal } from '../secrets.ts';

/** A hook answers in milliseconds; what tells it for real waits longer. */
const ANSWER_MS = 5_000;

export function provisionerAttempts(platform: PlatformConfig): [what: string, work: () => Promise<string>][] {
  const { provisioner, name } = platform;
  if (provisioner === undefined) return [];
  const attempts: [string, () => Promise<string>][] = [[`${name}: provisioner`, () => (provisioner.kind === 'http' ? head(provisioner) : executable(provisioner.program))]];
  if (provisioner.secret === 'clear') attempts.push([`${name}: key for secrets in clear`, async () => key()]);
  return attempts;
}

/** Any status will do: a hook need not know HEAD. */
function head({ url, ca }: { url: string; ca?: string | undefined }): Promise<string> {
  const target = new URL(url);
  const secure = target.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const options = { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_MS), ...(secure ? { ca, minVersion: 'TLSv1.2' as const } : {}) };
    const request = (secure ? requestHttps : requestHttp)(target, options);
    request.on('response', (response) => {
      response.resume();
      response.on('error', () => {});
      resolve(`${target.host} answers`);
    });
    request.on('error', (cause) => reject(new CausewayError('unavailable', `no answer: ${messageOf(cause)}`, { place: target.host, cause })));
    request.end();
  });
}

async function executable(program: string): Promise<string> {
  await access(program, constants.X_OK);
  return `${program} can be run`;
}

function key(): string {
  if (loadSeal() !== undefined) return 'there is one';
  throw new CausewayError('config', 'there is none: changes of secrets would be refused', { remedy: 'give the key of the known good: docs/security.md' });
}
