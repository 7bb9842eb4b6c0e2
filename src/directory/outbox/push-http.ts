/**
 * Tells a platform by a POST of JSON.
 *
 * Invariants: 2xx is `done`, 404 and 410 are `absent`, all else is told again; redirects are not followed, so a secret
 * goes nowhere but to the URL that was configured.
 */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { CausewayError, messageOf as textOf } from '#errors/index.ts';
import { loginIn } from './push.ts';
import type { Push } from './push.ts';

/** Of an answer. */
const LONGEST_BODY = 65_536;

export type HttpHook = { readonly url: string; readonly token?: { reveal(): string } | undefined; readonly ca?: string | undefined };

export function createHttpPush({ url, token, ca }: HttpHook): Push {
  const target = new URL(url);
  const secure = target.protocol === 'https:';
  return async (message, signal) => {
    const body = Buffer.from(JSON.stringify(message));
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      'user-agent': 'Causeway',
      'idempotency-key': `causeway-${message.id}`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
    };
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const fail = (error: unknown): void => reject(new CausewayError('unavailable', `no answer: ${textOf(error)}`, { place: target.host, cause: error }));
      const options = { method: 'POST', headers, signal, ...(secure ? { ca, minVersion: 'TLSv1.2' as const } : {}) };
      const request = (secure ? requestHttps : requestHttp)(target, options);
      request.on('error', fail);
      request.on('response', (response) => {
        let read = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          read += chunk;
          if (read.length > LONGEST_BODY) response.destroy(new Error('the answer is too long'));
        });
        response.on('error', fail);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: read }));
      });
      request.end(body);
    });
    if (status >= 200 && status < 300) return { answer: 'done', login: loginIn(text) };
    if (status === 404 || status === 410) return { answer: 'absent' };
    throw new CausewayError('unavailable', `status ${status}`, { place: target.host });
  };
}
