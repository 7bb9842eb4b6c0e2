/**
 * Sign-in for nginx's mail proxy (ngx_mail_auth_http_module): what it asks and is answered is in headers.
 *
 * Invariants: an answer to a presented secret is always 200, since nginx makes its own words of any other status. "Wrong"
 * is said for the verdict `rejected` alone; every other row of the table of replies says that the password was not
 * rejected, and at SMTP its code is given too, since nginx takes 535 where none is. Nothing is registered with a hold:
 * nginx tells nobody when a session ends. So a hold does not see its sessions (`unfenced.ts`).
 */
import { timingSafeEqual } from 'node:crypto';
import type { Config, PlatformConfig } from '#config/index.ts';
import { loginFor } from '#directory/platforms.ts';
import type { Emit } from '#events/index.ts';
import { type Refusal, replyFor } from '#signin/replies.ts';
import type { Judge } from '#signin/sign-in.ts';
import { whyNotLogin, whyNotSecret } from '../credentials.ts';
import { askedWrongly, noWayHome } from './events.ts';

type BackEnds = NonNullable<Config['listen']['authHttp']>['backends'];
type NginxProtocol = keyof BackEnds[string];

export type AuthHttpOptions = {
  readonly key: { reveal(): string };
  readonly backends: BackEnds;
  readonly platforms: Readonly<Record<string, PlatformConfig>>;
  readonly attempt: Judge;
  /** A login name that must not reach a platform. */
  readonly foreignName: (login: string) => boolean;
  readonly emit: Emit;
  /** 0 to 1, as Math.random. */
  readonly random: () => number;
};

/** @param header a request's header, its bytes as latin1 */
export type AuthHttp = (header: (name: string) => string | undefined, signal: AbortSignal) => Promise<{ readonly status: 200 | 400 | 403; readonly headers: Readonly<Record<string, string>> }>;

const PROTOCOLS: Readonly<Record<string, NginxProtocol>> = { imap: 'imap', pop3: 'pop3', smtp: 'submission' };
/** Attempts on one connection, as the gateway's own; the next refusal has no Auth-Wait, upon which nginx closes. */
const FAILURES = 10;

export function createAuthHttp({ key, backends, platforms, attempt, foreignName, emit, random }: AuthHttpOptions): AuthHttp {
  return async (header, signal) => {
    const wrongly = (status: 400 | 403, error: string): { status: 400 | 403; headers: Record<string, string> } => {
      emit(askedWrongly, { front: 'nginx', error });
      return { status, headers: {} };
    };
    if (!equal(header('x-causeway-key') ?? '', key.reveal())) return wrongly(403, 'the header X-Causeway-Key is missing or wrong');
    const protocol = PROTOCOLS[header('auth-protocol') ?? ''];
    // Anything else than a secret (apop, cram-md5, none, external) cannot be judged here.
    if (protocol === undefined || header('auth-method') !== 'plain') return wrongly(400, `${header('auth-protocol')} with ${header('auth-method')} cannot be asked for`);
    const login = decoded(header('auth-user') ?? '');
    const secret = decoded(header('auth-pass') ?? '');

    const refuse = (verdict: Refusal): { status: 200; headers: Record<string, string> } => {
      const { code, text } = worded(replyFor(verdict, protocol, 'secret').line);
      const patience = Number(header('auth-login-attempt') ?? 1) < FAILURES;
      return {
        status: 200,
        headers: {
          'Auth-Status': text,
          ...(code === undefined ? {} : { 'Auth-Error-Code': code }),
          // Dovecot's failure delay. nginx holds the answer back for so long, and lets the client try again after it.
          ...(patience ? { 'Auth-Wait': random() < 0.5 ? '2' : '3' } : {}),
        },
      };
    };
    if (whyNotLogin(login, foreignName) !== undefined || whyNotSecret(secret) !== undefined) return refuse({ verdict: 'unavailable', reason: 'undecodable' });

    const network = header('client-ip') ?? 'unknown';
    const verdict = await attempt({ protocol, login, secret, network }, () => undefined, signal);
    if (verdict.verdict !== 'accepted') return refuse(verdict);
    const way = wayHome(protocol, verdict.home, verdict.address);
    if (way === undefined) {
      emit(noWayHome, { account: verdict.accountId, platform: verdict.home, protocol });
      return refuse({ verdict: 'unavailable', reason: 'internal' });
    }
    return { status: 200, headers: { 'Auth-Status': 'OK', ...way } };
  };

  /**
   * nginx tries one way only. So it is one that needs no secret of the customer's, which the platform may not know (an app
   * password, one that was changed since), if there is one; SASL with an authzid nginx does not speak.
   */
  function wayHome(protocol: NginxProtocol, home: string, address: string): Record<string, string> | undefined {
    const backEnd = backends[home]?.[protocol];
    const entrances = platforms[home]?.entrances.filter((each) => each.kind !== 'master' || each.style !== 'authzid') ?? [];
    const entrance = entrances.find(({ kind }) => kind !== 'replay') ?? entrances[0];
    if (backEnd === undefined || entrance === undefined) return undefined;
    const there = { 'Auth-Server': backEnd.host, 'Auth-User': latin1(address) };
    // nginx sends the secret that it was given on.
    if (entrance.kind === 'replay') return { ...there, 'Auth-Port': String(backEnd.port) };
    const { login, port, pop3Port, submissionPort } = loginFor(entrance, address);
    const own = { imap: port, pop3: pop3Port, submission: submissionPort }[protocol];
    return { ...there, 'Auth-Port': String(own ?? backEnd.port), 'Auth-User': latin1(login.user), 'Auth-Pass': latin1(login.password) };
  }
}

/** The reply's words in nginx's parts: it puts `NO ` and the tag, `-ERR `, or the code before them by itself. */
function worded(line: string): { code: string | undefined; text: string } {
  const [, code, text = line] = /^(?:NO |-ERR |(\d{3} [\d.]+) )(.*)$/.exec(line) ?? [];
  return { code, text };
}

/** nginx escapes `%`, white space, controls and all beyond ASCII. Bytes that are no UTF-8 become U+FFFD, which nobody judges. */
function decoded(escaped: string): string {
  const bytes = escaped.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** A header's value: bytes of UTF-8, each as a character. nginx takes them as they are. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given, 'latin1'), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
