/**
 * A platform's submission service, as a client: connecting, STARTTLS, saying for whom we speak, signing in.
 *
 * Invariants: with `starttls` not a byte of the unencrypted part is believed afterwards, and bytes that came between the
 * answer to STARTTLS and TLS are an attack (CVE-2011-0411). One deadline covers everything until the keywords are known.
 * `refused` is only 535, the one reply that can be about the secret. A secret is in no message.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { type Endpoint, openSocket, openTls } from '#net/endpoint.ts';
import { type ConnectOptions as Opening, openWithin, placeOf } from '#net/opening.ts';
import { encodePlain } from '#wire/sasl.ts';
import type { Reply } from '#wire/smtp/reply.ts';
import { formatXclient, xclientAddress } from '#wire/smtp/xclient.ts';
import { createExchange, type Exchange } from './exchange.ts';
import { type Envelope, send } from './send.ts';

export type { Endpoint } from '#net/endpoint.ts';

export type ConnectOptions = Opening & {
  /** What we call ourselves: the client's own name where we speak for one. */
  readonly host?: string | undefined;
};

/** `authzid`: whom to act for, where `user` is a master or proxy user. */
export type Login = { readonly user: string; readonly password: string; readonly authzid?: string };

/** For whom we speak. `login`: who that is, as we know it; it signs in where the platform believes us. */
export type Speaking = { readonly address: string; readonly port: number; readonly host?: string | undefined; readonly login?: string | undefined };

export type SubmissionConnection = {
  /** What the last EHLO said, in upper case: `PIPELINING`, `AUTH PLAIN LOGIN`. */
  readonly capabilities: ReadonlySet<string>;
  /**
   * XCLIENT, as far as the platform takes it; nothing happens where it takes none.
   * @throws CausewayError 'unavailable' also where `login` cannot be told, or nothing is taken from us
   */
  introduce(speaking: Speaking): Promise<void>;
  /** @throws CausewayError 'refused', 'unavailable', 'protocol', 'limit'; 'input' for a login that cannot be sent */
  login(login: Login): Promise<void>;
  /** Whether mail from `sender` to it would be taken; none is sent. @throws CausewayError 'unavailable' with the code */
  wouldTake(sender: string): Promise<void>;
  /** Hands a message over: see send.ts. After it throws, the connection is of no use. */
  send(envelope: Envelope, message: Buffer): Promise<void>;
  /** The socket, paused, and what was read from it and not used. */
  detach(): { socket: Socket; rest: Buffer };
  quit(): Promise<void>;
  destroy(): void;
};

/** RFC 5321 section 4.1.3: a client that has no name gives its address. */
const NO_NAME = '[127.0.0.1]';

/** @throws CausewayError 'unavailable', 'protocol', 'aborted' (by `signal`) */
export async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<SubmissionConnection> {
  const { clock, commandMs, host = NO_NAME } = options;
  const place = placeOf(endpoint);
  const limits = { clock, answerMs: commandMs, place };
  return openWithin('submission session', endpoint, options, async (onSocket) => {
    let socket = await openSocket(endpoint, onSocket);
    let exchange = createExchange(socket, limits);
    expect2xx('the greeting', await exchange.reply(), place);
    let keywords = await hello(exchange, host, place);
    if (endpoint.tls === 'starttls') {
      expect2xx('STARTTLS', await exchange.ask('STARTTLS'), place);
      if (exchange.release().length > 0) throw new CausewayError('protocol', 'bytes between STARTTLS and TLS: somebody injects them', { place });
      socket = await openTls(endpoint, onSocket, socket);
      exchange = createExchange(socket, limits);
      keywords = await hello(exchange, host, place);
    }
    return createConnection(socket, exchange, keywords, { host, place });
  });
}

/** A platform may be particular about a client's name for itself, and refuse it: then it is not told. */
async function hello(exchange: Exchange, host: string, place: string): Promise<ReadonlySet<string>> {
  let reply = await exchange.ask(`EHLO ${host}`);
  if (reply.code >= 500 && host !== NO_NAME) reply = await exchange.ask(`EHLO ${NO_NAME}`);
  const { lines } = expect2xx('EHLO', reply, place);
  return new Set(lines.slice(1).map((line) => line.trim().toUpperCase()));
}

function createConnection(socket: Socket, exchange: Exchange, keywords: ReadonlySet<string>, { host, place }: { host: string; place: string }): SubmissionConnection {
  let capabilities = keywords;

  const wordsOf = (name: string): string[] | undefined => [...capabilities].map((line) => line.split(' ')).find(([keyword]) => keyword === name)?.slice(1);

  async function introduce({ address, port, host: named, login }: Speaking): Promise<void> {
    const taken = wordsOf('XCLIENT');
    if (login !== undefined && taken?.includes('LOGIN') !== true) {
      throw new CausewayError('unavailable', 'the platform does not let us say who signs in (XCLIENT with LOGIN)', { place });
    }
    if (taken === undefined) return;
    const known: (readonly [string, string | undefined])[] = [
      ['ADDR', xclientAddress(address)],
      ['PORT', String(port)],
      // Of a host that we did not look up, as Postfix writes it.
      ['NAME', '[UNAVAILABLE]'],
      ['PROTO', 'ESMTP'],
      ['HELO', named],
      ['LOGIN', login],
    ];
    const told = known.filter((each): each is readonly [string, string] => each[1] !== undefined && taken.includes(each[0]));
    // It answers with its greeting, and forgets what it was told before: its rules are for another client now.
    expect2xx('XCLIENT', await exchange.ask(`XCLIENT ${formatXclient(told)}`), place);
    capabilities = await hello(exchange, named ?? host, place);
  }

  async function authenticate({ user, password, authzid }: Login): Promise<Reply> {
    const mechanisms = wordsOf('AUTH') ?? [];
    if (authzid === undefined && !mechanisms.includes('PLAIN') && mechanisms.includes('LOGIN')) {
      for (const text of ['AUTH LOGIN', base64(user)]) {
        const reply = await exchange.ask(text);
        if (reply.code !== 334) return reply;
      }
      return exchange.ask(base64(password));
    }
    return exchange.ask(`AUTH PLAIN ${encodePlain({ ...(authzid === undefined ? {} : { authzid }), authcid: user, secret: password })}`);
  }

  return {
    get capabilities() {
      return capabilities;
    },
    introduce,
    async login(login) {
      if ([login.user, login.password, login.authzid ?? ''].some((text) => text.includes('\0'))) throw new CausewayError('input', 'a login with NUL in it cannot be sent');
      const { code } = await authenticate(login);
      if (code === 235) return;
      // RFC 4954 section 6: 535 is about the credentials; 454 and all others are not.
      if (code === 535) throw new CausewayError('refused', 'sign-in: 535', { place });
      throw new CausewayError('unavailable', `sign-in could not be judged: ${code}`, { place });
    },
    async wouldTake(sender) {
      expect2xx('MAIL', await exchange.ask(`MAIL FROM:<${sender}>`), place);
      expect2xx('RCPT', await exchange.ask(`RCPT TO:<${sender}>`), place);
      expect2xx('RSET', await exchange.ask('RSET'), place);
    },
    send: (envelope, message) => send({ socket, exchange, capabilities, place }, envelope, message),
    detach: () => ({ socket, rest: exchange.release() }),
    async quit() {
      await exchange.ask('QUIT');
      socket.destroy();
    },
    destroy: () => void socket.destroy(),
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** @throws CausewayError 'unavailable' for anything else; the server's words may hold what we sent, so they are left out */
function expect2xx(what: string, reply: Reply, place: string): Reply {
  if (reply.code < 300) return reply;
  throw new CausewayError('unavailable', `${what}: ${reply.code}${reply.enhanced === undefined ? '' : ` ${reply.enhanced}`}`, { place });
}
