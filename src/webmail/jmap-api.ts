/**
 * JMAP by HTTP (RFC 8620): the session, requests, uploads and downloads.
 *
 * Invariants: whoever asks is known first (who.ts); the account in a URL is his own, or there is nothing. What a mail
 * brought is never shown by us as a page: a download is an attachment, of a type that no browser runs, under a policy that
 * allows nothing. An outage of the home is `serverUnavailable` or 503, and says nothing about the password. As many
 * requests and uploads as are announced are worked on at once, some more wait, and who asks for more than that is told.
 */
import type { Context } from 'hono';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import type { App, AppEnv } from '#http/app.ts';
import type { Pass } from '#signin/pass.ts';
import { type Problem, problemOf, RequestError } from './jmap/errors.ts';
import { LIMITS } from './jmap/limits.ts';
import { answerRequest, readRequest, serialise } from './jmap/process.ts';
import type { Request as JmapRequest } from './jmap/request.ts';
import { buildSession, type Session, type SessionUrls } from './jmap/session.ts';
import { openBlob } from './mail/blob-read.ts';
import { mailCapabilities } from './mail/capabilities.ts';
import { createMailContext } from './mail/context.ts';
import { mailEngine } from './mail/methods.ts';
import type { AccessOf } from './access.ts';
import { createAdmission, type Kind } from './admission.ts';
import { addEventsApi } from './events-api.ts';
import { createInTurn } from './in-turn.ts';
import { announcedLength, createBodyRoom, readBody } from './request-body.ts';
import { tellStart } from './start/lines.ts';
import type { Uploads } from './uploads.ts';
import type { Watch } from './watch.ts';
import type { Who } from './who.ts';

const methodFailed = defineEvent<{ method: string; message: string }>('webmail.method-failed', 'warn', ['log', 'count'], ['method']);

/**
 * Types that browsers show and never run, or hand to a program; all others are downloaded as bytes, although a client may
 * ask for any (RFC 8620 section 6.2): a script of ours is what our own page would run.
 */
const SAFE = /^(?:image\/(?:png|jpeg|gif|webp|avif)|text\/(?:plain|calendar|csv|vcard)|message\/(?:rfc822|global|delivery-status)|application\/(?:pdf|zip|gzip|msword|rtf|vnd\.(?![\w.-]*(?:\+xml|html|script))[\w.+-]+)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;
/** RFC 8620 section 3.6.1; another site's form cannot send it unasked either. */
const IS_JSON = /^application\/json[ \t]*(?:;|$)/i;
const NOTHING_RUNS = "default-src 'none'; sandbox; frame-ancestors 'none'";

export type JmapApiParts = {
  readonly who: Who;
  readonly accessOf: AccessOf;
  readonly watch: Watch;
  readonly uploads: Uploads;
  readonly clock: Pick<Clock, 'monotonic' | 'sleep' | 'after'>;
  /** Where customers find the portal. */
  readonly url: string | undefined;
  readonly emit: Emit;
};

/** Of one home: a platform that is 40 ms away answers some hundred a second then. More at once would only take longer, each. */
const AT_WORK = 64;
/** Twenty browsers with as many connections as they open; ours never has them all in use. */
const REQUESTS_OF_ACCOUNT = 100;
/** Of all accounts. Each takes some 100 kB, whatever the file has. */
const UPLOADS = 500;
/** Five browsers that send as many as ours does. */
const UPLOADS_OF_ACCOUNT = 16;

/** Whether a body at the path is counted here as it comes. */
export function countsBodies(path: string): boolean {
  return path === '/jmap' || path.startsWith('/jmap/upload/');
}

export function addJmapApi(app: App, { who, accessOf, watch, uploads, clock, url, emit }: JmapApiParts): void {
  const inTurn = createInTurn(accessOf, createAdmission(clock, { perAccount: LIMITS.maxConcurrentRequests, mostOfAccount: REQUESTS_OF_ACCOUNT, atWork: AT_WORK }));
  const uploading = createAdmission(clock, { perAccount: LIMITS.maxConcurrentUpload, mostOfAccount: UPLOADS_OF_ACCOUNT, atWork: UPLOADS });
  const room = createBodyRoom();
  const fault = (error: unknown, method: string): void => emit(methodFailed, { method, message: messageOf(error) });
  const engine = mailEngine(fault);

  /** Clients take its URLs as they are, with nothing to resolve them against: so they are whole. */
  function sessionOf(c: Context<AppEnv>, access: Awaited<ReturnType<AccessOf>>): Session {
    const { origin } = new URL(url ?? c.req.url);
    const account = { id: access.accountId, name: access.address, capabilities: mailCapabilities(access, LIMITS) };
    const server = Object.fromEntries(Object.keys(account.capabilities).map((uri) => [uri, {}]));
    return buildSession(access.address, account, server, urlsAt(origin), LIMITS, access.home);
  }

  addEventsApi(app, { who, accessOf, watch, engine, clock });
  // Clients that were written for a server whose API's address says who it is look there.
  for (const path of ['/.well-known/jmap', '/jmap'] as const) app.get(path, (c) => c.redirect('/jmap/session'));
  app.get('/jmap/session', async (c) => {
    const access = await accessOf(await who(c), c.req.raw.signal);
    access.end();
    return c.json(sessionOf(c, access));
  });

  /** `?threads=1` or `0`: the inbox, too, with or without conversations as one row. */
  app.get('/api/start', (c) => asProblem(c, async () => {
    const access = await inTurn(await who(c), c.req.raw.signal, 'look').catch(asLimit('maxConcurrentRequests'));
    const threads = c.req.query('threads');
    const start = { session: sessionOf(c, access), engine, context: createMailContext(access, LIMITS, (error) => fault(error, 'start')), collapseThreads: threads === undefined ? undefined : threads === '1' };
    // At once, not when somebody reads: whoever goes before that must not leave the request under way.
    const lines = new ReadableStream<Uint8Array>({
      start(controller) {
        const telling = tellStart(start, (line) => controller.enqueue(Buffer.from(`${JSON.stringify(line)}\n`)));
        void telling
          .then(() => controller.close(), (error) => controller.error(error))
          .catch(() => {})
          .finally(access.end);
      },
    });
    return new Response(lines, { headers: { 'Content-Type': 'application/x-ndjson' } });
  }));

  app.post('/jmap', (c) => asProblem(c, async () => {
    const pass = await who(c);
    if (!IS_JSON.test(c.req.header('content-type') ?? '')) throw new RequestError('notJSON', 'The content type of the request has to be application/json.');
    const body = room.open(pass.accountId);
    try {
      const read = readRequest(await readBody(c, body), engine);
      if ('problem' in read) return problem(c, read.problem);
      const access = await inTurn(pass, c.req.raw.signal, kindOf(read.request)).catch(asLimit('maxConcurrentRequests'));
      try {
        const context = createMailContext(access, LIMITS, (error) => fault(error, 'mail'));
        const response = await answerRequest(read.request, engine, context, sessionOf(c, access).state);
        return c.body(serialise(response), 200, { 'Content-Type': 'application/json' });
      } finally {
        access.end();
      }
    } finally {
      body.giveBack();
    }
  }));

  app.post('/jmap/upload/:account', (c) => asProblem(c, async () => {
    const pass = await who(c);
    const access = await ownAccess(c, pass);
    access.end();
    const { accountId } = pass;
    const type = c.req.header('content-type') ?? 'application/octet-stream';
    const leave = await uploading.enter({ accountId, home: '', kind: 'look' }, c.req.raw.signal).catch(asLimit('maxConcurrentUpload'));
    try {
      const { id, size } = await uploads.of(accountId).take(type, c.req.raw.body ?? [], announcedLength(c)).catch(asLimit('maxSizeUpload'));
      return c.json({ accountId: access.accountId, blobId: id, type, size }, 201);
    } finally {
      leave();
    }
  }));

  app.get('/jmap/download/:account/:blob/:name', async (c) => {
    const access = await ownAccess(c, await who(c));
    // Its pieces are read one by one, for as long as the browser takes: no hold waits for these.
    const blob = await openBlob(c.req.param('blob'), createMailContext(access, LIMITS, (error) => fault(error, 'download'))).finally(access.end);
    if (blob === undefined) throw new CausewayError('not-found', 'there is no such blob');
    const asked = (c.req.query('type') ?? blob.type).toLowerCase();
    const isSafe = SAFE.test(asked.split(';')[0]!.trim()) && /^[\x20-\x7e]{1,200}$/.test(asked);
    return new Response(ReadableStream.from(blob.chunks), {
      headers: {
        'Content-Type': isSafe ? asked : 'application/octet-stream',
        'Content-Disposition': attachmentNamed(c.req.param('name')),
        'Content-Security-Policy': NOTHING_RUNS,
        'Cache-Control': 'private, max-age=3600, immutable',
      },
    });
  });

  async function asProblem(c: Context<AppEnv>, answer: () => Promise<Response>): Promise<Response> {
    try {
      return await answer();
    } catch (error) {
      if (error instanceof RequestError) return problem(c, problemOf(error));
      throw error;
    }
  }

  const problem = (c: Context<AppEnv>, told: Problem): Response => c.json(told, told.status as 400, { 'Content-Type': 'application/problem+json' });

  async function ownAccess(c: Context<AppEnv>, pass: Pass): ReturnType<AccessOf> {
    const access = await accessOf(pass, c.req.raw.signal);
    if (c.req.param('account') !== access.accountId) access.end();
    if (c.req.param('account') !== access.accountId) throw new CausewayError('not-found', 'there is no such account');
    return access;
  }
}

/** What may read the texts of a mailbox waits for what does not. */
function kindOf({ methodCalls }: JmapRequest): Kind {
  return methodCalls.some(([name, args]) => name === 'SearchSnippet/get' || (SEARCHING.has(name) && READS_TEXTS.test(JSON.stringify(args['filter'] ?? null)))) ? 'search' : 'look';
}
const SEARCHING = new Set(['Email/query', 'Email/queryChanges']);
const READS_TEXTS = /"(?:text|body)":/;

/** A cap that was reached, as JMAP has it (RFC 8620 section 3.6.1). */
function asLimit(limit: 'maxConcurrentRequests' | 'maxConcurrentUpload' | 'maxSizeUpload'): (error: unknown) => never {
  return (error) => {
    throw error instanceof CausewayError && error.code === 'limit' ? new RequestError('limit', limit === 'maxSizeUpload' ? `A file has at most ${LIMITS.maxSizeUpload} bytes.` : 'Too much is asked for at once.', limit) : error;
  };
}

/** RFC 6266 section 4.3: both forms, since some programs know the old one alone. */
function attachmentNamed(name: string): string {
  return `attachment; filename="${name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(name.toWellFormed())}`;
}

const urlsAt = (origin: string): SessionUrls => ({
  apiUrl: `${origin}/jmap`,
  downloadUrl: `${origin}/jmap/download/{accountId}/{blobId}/{name}?type={type}`,
  uploadUrl: `${origin}/jmap/upload/{accountId}`,
  eventSourceUrl: `${origin}/jmap/events?types={types}&closeafter={closeafter}&ping={ping}`,
});
