/** A browser as far as HTTP goes, for scenarios that look at answers rather than at pages: it keeps what cookies it is given. */
import { request } from 'node:http';
import { request as secureRequest } from 'node:https';

export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

export type HandBrowser = {
  /** Everything that is asked is JSON, and so is every answer. `site` is what a browser says of the page that asks. */
  post(path: string, body?: unknown, site?: string): Promise<Answer>;
  get(path: string): Promise<Answer>;
};

/** @param port asked at each request, so that a server may come again on another @param under what stands before every path */
export function createBrowser(port: () => number, { secure = false, name = 'a browser', under = '' } = {}): HandBrowser {
  const jar = new Map<string, string>();
  const send = (method: string, path: string, body?: unknown, site = 'same-origin'): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const cookie = [...jar].map(([key, value]) => `${key}=${value}`).join('; ');
      const at = port();
      const headers = { 'user-agent': name, host: `localhost:${at}`, 'sec-fetch-site': site, cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
      const sent = (secure ? secureRequest : request)({ host: '127.0.0.1', port: at, method, path: under + path, headers, rejectUnauthorized: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('error', reject).on('end', () => {
          for (const set of answer.headers['set-cookie'] ?? []) {
            const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
            if (/max-age=0/i.test(set)) jar.delete(key);
            else jar.set(key, value);
          }
          resolve({ status: answer.statusCode!, body: JSON.parse(text) as Record<string, unknown> });
        });
      });
      sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  return { post: (path, body = {}, site) => send('POST', path, body, site), get: (path) => send('GET', path) };
}
