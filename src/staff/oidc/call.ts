/**
 * Requests to the identity provider.
 *
 * Invariants: no redirect is followed; an answer is read to its cap and no further; where a CA is configured, only what it
 * signed is trusted. The deadline is the caller's signal.
 */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Discovery has some 10 kB, a set of keys 5 kB, a token with many groups 20 kB. */
const LONGEST_ANSWER = 256 * 1024;

type Asked = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: unknown; readonly signal?: AbortSignal | undefined };

/** The part of `fetch` that is needed. @throws Error when there is no answer, or too long a one */
export function createCall(ca: string | undefined): (url: string, asked: Asked) => Promise<Response> {
  return async (url, asked) => {
    const { status, headers, body } = await exchange(new URL(url), asked, ca);
    return new Response([204, 205, 304].includes(status) ? null : body, { status, headers });
  };
}

function exchange(target: URL, { method = 'GET', headers = {}, body, signal }: Asked, ca: string | undefined): Promise<{ status: number; headers: [string, string][]; body: Buffer<ArrayBuffer> }> {
  return new Promise((resolve, reject) => {
    const isSecure = target.protocol === 'https:';
    const sent = body === undefined || body === null ? undefined : Buffer.from(String(body));
    const request = (isSecure ? requestHttps : requestHttp)(target, {
      method,
      headers: { ...headers, ...(sent === undefined ? {} : { 'content-length': sent.length }) },
      ...(signal === undefined ? {} : { signal }),
      ...(isSecure ? { ca, minVersion: 'TLSv1.2' as const } : {}),
    });
    // What the deadline ended says so, whatever broke by it.
    const fail = (error: unknown): void => reject(signal?.aborted === true ? signal.reason : error);
    request.on('error', fail);
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      let length = 0;
      response.on('data', (part: Buffer) => {
        parts.push(part);
        length += part.length;
        if (length > LONGEST_ANSWER) response.destroy(new Error(`the answer has more than ${LONGEST_ANSWER} bytes`));
      });
      response.on('error', fail);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 500,
          headers: Object.entries(response.headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value])),
          body: Buffer.concat(parts),
        }),
      );
    });
    request.end(sent);
  });
}
