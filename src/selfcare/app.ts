/**
 * Where customers change their password: with the present one, or by a one-time link.
 *
 * Invariants: looking at a link does not use it up (mail scanners look). The present password is judged by sign-in, with
 * its locks, and refused in no other words than sign-in's: a fault of ours is 503 and says that the password is fine. No
 * answer of this page depends on whether an account exists, but for what sign-in itself tells.
 */
import type { Context } from 'hono';
import { CausewayError } from '#errors/index.ts';
import type { Emit } from '#events/index.ts';
import { type App, type AppEnv, createApp } from '#http/app.ts';
import { createAtOnce } from '#http/at-once.ts';
import { formToken, isOwnForm } from '#http/csrf.ts';
import { RETRY_AFTER_SECONDS } from '#http/errors.ts';
import { addressOf } from '#http/server.ts';
import type { OwnChange, Secrets } from '#signin/index.ts';
import { type Field, form, type Message, page, told, type Typed } from './pages.ts';
import { STYLE } from './style.ts';
import { AGAIN_DIFFERS, type Answer, ASKED, DONE, LINK_GONE, OLD_FORM, OUT_OF_ORDER, OUTAGE, refused, SETTINGS_GONE, SOMETHING_MISSING, thrown } from './words.ts';

export type SelfcareOptions = {
  readonly changeOwn: OwnChange;
  readonly redeem: Secrets['redeem'];
  /** The configuration profile that a link of the desk leads to; undefined when it does not serve. */
  readonly profileFor?: (token: string) => string | undefined;
  /** Whose secret a link sets; undefined when it does not serve. */
  readonly readLink: (token: string) => Promise<{ readonly address: string } | undefined>;
  /** Resolves when a refusal of a present password may be told: `since`, monotonic ms. */
  readonly holdBack: (since: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly emit: Emit;
};

type Ctx = Context<AppEnv>;

/**
 * Each may ask the store and sign-in, and is held back when it is refused: a few dozen a second, more than a town changes.
 * Behind one address of a carrier's NAT a few change at the same moment; a stranger there cannot take all places.
 */
const AT_ONCE = { total: 200, perSubscriber: 20 };

const TITLE = 'Change your password';
const LINK_TITLE = 'Set a new password';
const SETTINGS_TITLE = 'Settings for your device';
const OWN_FIELDS: readonly Field[] = ['login', 'old', 'secret', 'again'];
const LINK_FIELDS: readonly Field[] = ['secret', 'again'];

export function createSelfcareApp({ changeOwn, redeem, readLink, profileFor, holdBack, now, emit }: SelfcareOptions): App {
  const app = createApp(emit, (c, { status, retryAfterSeconds }) => {
    if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds));
    const message: Message = status === 404 ? { tone: 'bad', title: 'There is nothing here', text: 'Please check the address.' } : OUT_OF_ORDER;
    return c.html(page(TITLE, told(message)), status as 404);
  });

  app.get('/style.css', (c) => c.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': 'public, max-age=3600' }));
  app.get('/', (c) => c.redirect('/password'));
  app.use(createAtOnce(AT_ONCE));

  app.get('/password', (c) => own(c, {}, undefined));
  app.post('/password', async (c) => {
    const typed = await typedIn(c, OWN_FIELDS);
    const fault = faultOf(c, typed, OWN_FIELDS);
    if (fault !== undefined) return own(c, typed, fault);
    const { login = '', old = '', secret = '' } = typed;
    const { signal } = c.req.raw;
    const since = now();
    return answered(
      c,
      async () => {
        const set = await changeOwn({ login, old, secret, network: addressOf(c.env), signal });
        if (set.outcome !== 'refused') return set.outcome === 'asked' ? ASKED : DONE;
        await holdBack(since, signal);
        return refused(set.verdict);
      },
      (answer) => own(c, typed, answer),
    );
  });

  app.get('/settings/:token', (c) => {
    const profile = profileFor?.(c.req.param('token'));
    if (profile === undefined) return c.html(page(SETTINGS_TITLE, told(SETTINGS_GONE)), 404);
    return c.body(profile, 200, { 'Content-Type': 'application/x-apple-aspen-config', 'Content-Disposition': 'attachment; filename="mail.mobileconfig"', 'Cache-Control': 'no-store' });
  });

  app.get('/reset/:token', async (c) => {
    const link = await readLink(c.req.param('token'));
    return link === undefined ? gone(c) : byLink(c, link.address, {}, undefined);
  });
  app.post('/reset/:token', async (c) => {
    const token = c.req.param('token');
    const typed = await typedIn(c, LINK_FIELDS);
    const link = await readLink(token).catch((error: unknown) => {
      if (error instanceof CausewayError && error.retryable) return { address: undefined };
      throw error;
    });
    if (link === undefined) return gone(c);
    // The store does not answer: what was typed comes back, though not whose it is.
    if (link.address === undefined) return byLink(c, undefined, typed, OUTAGE);
    const fault = faultOf(c, typed, LINK_FIELDS);
    if (fault !== undefined) return byLink(c, link.address, typed, fault);
    return answered(
      c,
      async () => (await redeem(token, typed.secret ?? ''), DONE),
      (answer) => (answer.status === 404 ? gone(c) : byLink(c, link.address, typed, answer)),
    );
  });

  function own(c: Ctx, typed: Typed, answer: Answer | undefined): Response | Promise<Response> {
    return shown(c, { title: TITLE, action: '/password', fields: OWN_FIELDS, typed, answer, account: undefined });
  }

  function byLink(c: Ctx, account: string | undefined, typed: Typed, answer: Answer | undefined): Response | Promise<Response> {
    return shown(c, { title: LINK_TITLE, action: c.req.path, fields: LINK_FIELDS, typed, answer, account });
  }
  return app;
}

/** The form, with what was typed: all of it where it was no fault of that, else without the passwords. */
function shown(c: Ctx, says: { title: string; action: string; fields: readonly Field[]; typed: Typed; answer: Answer | undefined; account: string | undefined }): Response | Promise<Response> {
  const { title, action, fields, typed, answer, account } = says;
  const kept = answer === OUTAGE || answer === OLD_FORM ? typed : { login: typed.login ?? '' };
  if (answer?.status === 503) c.header('Retry-After', String(RETRY_AFTER_SECONDS));
  return c.html(page(title, form({ action, fields, typed: kept, token: formToken(c), message: answer?.message, wrong: answer?.wrong, account })), answer?.status ?? 200);
}

function gone(c: Ctx): Response | Promise<Response> {
  return c.html(page(LINK_TITLE, told(LINK_GONE)), 404);
}

/** Does it, and says how it ended: a message when it is done, else the form again. */
async function answered(c: Ctx, work: () => Promise<Message | Answer>, again: (answer: Answer) => Response | Promise<Response>): Promise<Response> {
  let answer: Message | Answer;
  try {
    answer = await work();
  } catch (error) {
    const known = error instanceof CausewayError ? thrown(error) : undefined;
    if (known === undefined) throw error;
    answer = known;
  }
  return 'status' in answer ? again(answer) : c.html(page('Done', told(answer)));
}

async function typedIn(c: Ctx, fields: readonly Field[]): Promise<Typed & { readonly form: string }> {
  // What is no form has no fields.
  const body: Record<string, unknown> = await c.req.parseBody().catch(() => ({}));
  const text = (name: string): string => {
    const value = body[name];
    return typeof value === 'string' ? value : '';
  };
  return { ...Object.fromEntries(fields.map((name) => [name, text(name)])), form: text('form') };
}

function faultOf(c: Ctx, typed: Typed & { readonly form: string }, fields: readonly Field[]): Answer | undefined {
  if (!isOwnForm(c, typed.form)) return OLD_FORM;
  if (fields.some((name) => typed[name] === '')) return SOMETHING_MISSING;
  return typed.secret === typed.again ? undefined : AGAIN_DIFFERS;
}
