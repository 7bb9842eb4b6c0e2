/**
 * The check by an HTTP endpoint of the provider's own: login and secret are POSTed, the status is the answer.
 *
 * Invariants: 200 alone is `accepted`, and `refused` only the statuses that the configuration lists; everything else,
 * redirects too, gives no verdict: a secret is sent nowhere but to the URL that was configured.
 */
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { SignInThere } from './verifier.ts';

export type HttpEndpoint = {
  /** http:// sends secrets in clear: whoever gives it has said that the network is trusted. */
  readonly url: string;
  /** Of the body, which has the fields `login` and `password`. */
  readonly format: 'json' | 'form';
  /** Statuses that mean: wrong secret. */
  readonly refused: readonly number[];
  /** PEM, instead of the system's authorities. */
  readonly ca?: string | undefined;
};

/** Kept open between checks: TLS anew for each would cost the endpoint more than the check. As many as run at once, and
 * some for the sentinel, which must not wait behind them. */
const CONNECTIONS = 260;
/** Shorter than the keep-alive of common servers (Node 5 s, Apache 5 s, nginx 75 s), so that theirs does not end first. */
const KEPT_MS = 4000;
/** Of an answer's body, which nobody reads: beyond it the connection is not worth keeping. */
const LONGEST_BODY = 65_536;

export function createHttpSignIn({ url, format, refused, ca }: HttpEndpoint): SignInThere {
  const target = new URL(url);
  const secure = target.protocol === 'https:';
  const kept = { keepAlive: true, maxSockets: CONNECTIONS, timeout: KEPT_MS };
  const agent = secure ? new HttpsAgent({ ...kept, ca, minVersion: 'TLSv1.2' }) : new HttpAgent(kept);
  const type = format === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';

  function post(body: Buffer, signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': type, 'content-length': body.length, 'accept': '*/*', 'user-agent': 'Causeway' };
      // The agent's time-out is for idle connections alone; a running check ends by its signal.
      const request = (secure ? requestHttps : requestHttp)(target, { method: 'POST', agent, headers, signal, timeout: 0 });
      request.on('response', (response) => {
        drain(response);
        resolve(response.statusCode ?? 0);
      });
      request.on('error', (cause: NodeJS.ErrnoException) => {
        // The endpoint closed a kept connection in the very moment: it has not seen this request.
        if (request.reusedSocket && cause.code === 'ECONNRESET' && !signal.aborted) post(body, signal).then(resolve, reject);
        else reject(new CausewayError(signal.aborted ? 'aborted' : 'unavailable', `no answer: ${messageOf(cause)}`, { place: target.host, cause }));
      });
      request.end(body);
    });
  }

  return async (login, secret, signal) => {
    const fields = { login, password: secret };
    const status = await post(Buffer.from(format === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields).toString()), signal);
    if (status === 200) return 'accepted';
    if (refused.includes(status)) return 'refused';
    // The breaker is for an endpoint that ails, not for one that says "no such account" in its own way.
    const ails = status < 400 || status >= 500 || status === 408 || status === 429;
    throw new CausewayError(ails ? 'unavailable' : 'refused', `status ${status} says nothing about the secret`, { place: target.host, retryable: ails });
  };
}

function drain(response: IncomingMessage): void {
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > LONGEST_BODY) response.destroy();
  });
  // The status has been heard; how the body ends concerns nobody.
  response.on('error', () => {});
}
