/**
 * The beginning of every app: request ids, the headers that keep a browser safe, the cap on bodies, and what becomes of
 * an error.
 *
 * Invariants: every answer, also to what no route knows and to what threw, carries the headers. Nothing may be framed,
 * sniffed, cached or fetched from elsewhere. No body is read beyond its cap.
 */
import { randomUUID } from 'node:crypto';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { HttpBindings } from '@hono/node-server';
import { CausewayError } from '#errors/index.ts';
import type { Emit } from '#events/index.ts';
import { failureOf, type Failure } from './errors.ts';
import { requestFailed } from './events.ts';

export type AppEnv = { Bindings: HttpBindings; Variables: { requestId: string; caller: string } };
export type App = Hono<AppEnv>;

/** A form has a few fields; an account's JSON a few names. */
const BODY_LIMIT = 64 * 1024;

/**
 * For pages without scripts: styles come from our own files, forms go to ourselves. `no-store`: what is shown is about
 * one account. The others close what old browsers and shared windows leave open.
 */
const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
};
/** A year. Only over TLS does it mean anything (RFC 6797, 7.2). */
const STRICT_TRANSPORT = 'max-age=31536000';

/**
 * @param tell writes the failure in the app's own form: JSON, or a page. `error`: what threw, where something did
 * @param mostBytes of a body, where the app takes more than forms
 * @param capsItself of which paths a body of unknown length is left to the app, which counts it as it comes: here it would be read whole
 */
export function createApp(emit: Emit, tell: (c: Context<AppEnv>, failure: Failure, error?: unknown) => Response | Promise<Response>, mostBytes = BODY_LIMIT, capsItself: (path: string) => boolean = () => false): App {
  const app: App = new Hono();
  const begin: MiddlewareHandler<AppEnv> = async (c, next) => {
    const requestId = randomUUID();
    c.set('requestId', requestId);
    await next();
    const { headers } = c.res;
    headers.set('X-Request-Id', requestId);
    for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value);
    if ('encrypted' in c.env.incoming.socket) headers.set('Strict-Transport-Security', STRICT_TRANSPORT);
  };
  app.use(begin);
  const limited = bodyLimit({
    maxSize: mostBytes,
    onError: (c) => tell(c as Context<AppEnv>, { status: 413, code: 'limit', message: `A body has at most ${mostBytes} bytes.`, sentence: undefined, retryAfterSeconds: undefined }),
  });
  app.use((c, next) => (c.req.header('content-length') === undefined && capsItself(c.req.path) ? next() : limited(c, next)));
  app.notFound((c) => tell(c, failureOf(new CausewayError('not-found', 'There is nothing at this path.'))));
  app.onError((error, c) => {
    const failure = failureOf(error);
    if (failure.status >= 500 && failure.code !== 'unavailable') {
      emit(requestFailed, { requestId: c.get('requestId'), method: c.req.method, path: c.req.routePath, error: named(error) });
    }
    return tell(c, failure, error);
  });
  return app;
}

/** Messages of the language's own errors repeat what they stumbled over, which may be a secret: of these the place is told. */
function named(error: Error): string {
  if (error instanceof CausewayError) return error.message;
  return `${error.name} ${/^\s+at .*$/m.exec(error.stack ?? '')?.[0].trim() ?? ''}`;
}

/** For machines. `retryable` is what HTTP's status does not always tell. */
export function tellInJson(c: Context<AppEnv>, { status, code, message, sentence, retryAfterSeconds }: Failure): Response {
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds));
  return c.json({ code, message, ...(sentence === undefined ? {} : { sentence }), requestId: c.get('requestId') }, status as ContentfulStatusCode);
}
