/**
 * A platform's POP3, as a client: connecting, STLS, signing in.
 *
 * Invariants: with `starttls` not a byte of the unencrypted part is believed afterwards, and bytes that came between the
 * answer to STLS and TLS are an attack (CVE-2011-0411). One deadline covers everything until the greeting is read.
 * `refused` is only an answer that can be about the secret: `[AUTH]` (RFC 3206), or no code at all. A secret is in no
 * message.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { type Endpoint, openSocket, openTls } from '#net/endpoint.ts';
import { type ConnectOptions, type OnSocket, openWithin, placeOf } from '#net/opening.ts';
import type { Status } from '#wire/pop3/response.ts';
import { parseUidl } from '#wire/pop3/uidls.ts';
import { encodePlain } from '#wire/sasl.ts';
import { createExchange, type Exchange } from './exchange.ts';

export type { ConnectOptions, Endpoint };

/** `authzid`: whom to act for, where `user` is a master or proxy user; asks for AUTH PLAIN (RFC 5034). */
export type Login = { readonly user: string; readonly password: string; readonly authzid?: string };

export type Pop3Message = { readonly number: number; /** Its unique id (RFC 1939 section 7). */ readonly id: string; readonly octets: number };

export type Pop3Connection = {
  /** What CAPA said after signing in, in upper case: `PIPELINING`, `SASL PLAIN`. Empty before, and where CAPA is unknown. */
  readonly capabilities: ReadonlySet<string>;
  /**
   * @throws CausewayError 'refused', 'unavailable', 'protocol', 'limit'; 'conflict' when another session has the maildrop;
   *   'input' for a login that cannot be sent
   */
  login(login: Login): Promise<void>;
  /** Any command with an answer of one line, `-ERR` included. @throws CausewayError 'unavailable', 'protocol', 'limit' */
  ask(command: string): Promise<Status>;
  /** The numbers of messages and octets. */
  stat(): Promise<{ readonly messages: number; readonly octets: number }>;
  /**
   * All messages, in the maildrop's order.
   * @param most messages; with more it throws 'limit'
   * @throws CausewayError 'unavailable', 'protocol', 'limit'
   */
  list(most: number): Promise<readonly Pop3Message[]>;
  /** The socket, paused, and what was read from it and not used. */
  detach(): { socket: Socket; rest: Buffer };
  quit(): Promise<void>;
  destroy(): void;
};

/** @throws CausewayError 'unavailable', 'protocol', 'aborted' (by `signal`) */
export async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<Pop3Connection> {
  const place = placeOf(endpoint);
  const exchangeOptions = { clock: options.clock, answerMs: options.commandMs, place };
  const { socket, exchange } = await openWithin('POP3 session', endpoint, options, (onSocket) => open(endpoint, exchangeOptions, onSocket));
  return createConnection(socket, exchange, endpoint, place);
}

type Opened = { readonly socket: Socket; readonly exchange: Exchange };

async function open(
  endpoint: Endpoint,
  options: { clock: Clock; answerMs: number; place: string },
  onSocket: OnSocket,
): Promise<Opened> {
  const { place } = options;
  const socket = await openSocket(endpoint, onSocket);
  const exchange = createExchange(socket, options);
  expectOk('the greeting', await exchange.status(), place);
  if (endpoint.tls !== 'starttls') return { socket, exchange };
  exchange.send('STLS');
  expectOk('STLS', await exchange.status(), place);
  if (exchange.release().length > 0) throw new CausewayError('protocol', 'bytes between STLS and TLS: somebody injects them', { place });
  const inside = await openTls(endpoint, onSocket, socket);
  return { socket: inside, exchange: createExchange(inside, options) };
}

function createConnection(socket: Socket, exchange: Exchange, { clientAddress, behalfOf }: Endpoint, place: string): Pop3Connection {
  let capabilities: ReadonlySet<string> = new Set();

  function ask(command: string): Promise<Status> {
    exchange.send(command);
    return exchange.status();
  }

  async function run(what: string, command: string): Promise<Status> {
    return expectOk(what, await ask(command), place);
  }

  async function present(command: string): Promise<void> {
    const { ok, code } = await ask(command);
    if (ok) return;
    // The server's words may hold what we sent, so they are left out.
    const words = code === undefined ? '' : `: [${code}]`;
    // RFC 2449 section 8.1.2: the sign-in was right, and another session has the maildrop.
    if (code === 'IN-USE') throw new CausewayError('conflict', 'another session has the maildrop', { place, retryable: true });
    if (code === undefined || code === 'AUTH') throw new CausewayError('refused', `sign-in: -ERR${words}`, { place });
    throw new CausewayError('unavailable', `sign-in could not be judged${words}`, { place });
  }

  /**
   * Dovecot's XCLIENT, taken from those whom it believes (login_trusted_networks). A server that does not like it is used
   * all the same. Dovecot announces it in the greeting alone, of which nothing is believed where STLS came after it.
   */
  async function tellOrigin(): Promise<void> {
    if (clientAddress === 'xclient' && behalfOf !== undefined) await ask(`XCLIENT ADDR=${behalfOf.address} PORT=${behalfOf.port}`);
  }

  async function readCapabilities(): Promise<Set<string>> {
    // RFC 2449 is an extension: an old server does not know it, and can do nothing more.
    const { ok } = await ask('CAPA');
    return new Set(ok ? (await exchange.lines()).map((line) => line.trim().toUpperCase()) : []);
  }

  return {
    get capabilities() {
      return capabilities;
    },
    async login({ user, password, authzid }) {
      if (/[\0\r\n]/.test(`${user}${password}${authzid ?? ''}`)) throw new CausewayError('input', 'a login with CR, LF or NUL in it cannot be sent');
      await tellOrigin();
      if (authzid === undefined) {
        await run('USER', `USER ${user}`);
        await present(`PASS ${password}`);
      } else {
        await present(`AUTH PLAIN ${encodePlain({ authzid, authcid: user, secret: password })}`);
      }
      capabilities = await readCapabilities();
    },
    ask,
    async stat() {
      const { text } = await run('STAT', 'STAT');
      const [, messages, octets] = /^(\d+) (\d+)/.exec(text) ?? [];
      if (messages === undefined) throw new CausewayError('protocol', 'expected two numbers in answer to STAT', { place });
      return { messages: Number(messages), octets: Number(octets) };
    },
    async list(most) {
      const read = async (what: string): Promise<string[]> => {
        expectOk(what, await exchange.status(), place);
        return exchange.lines(most);
      };
      exchange.send('UIDL');
      // Without PIPELINING (RFC 2449 section 6.6) one after the other.
      const together = capabilities.has('PIPELINING');
      if (together) exchange.send('LIST');
      const ids = await read('UIDL');
      if (!together) exchange.send('LIST');
      const octets = new Map((await read('LIST')).map((line) => /^(\d{1,10}) +(\d{1,15})/.exec(line)).map((found) => [Number(found?.[1]), Number(found?.[2])]));
      return ids.map((line) => {
        const { number = 0, id = '' } = parseUidl(line) ?? {};
        const size = octets.get(number);
        if (size === undefined) throw new CausewayError('protocol', 'UIDL and LIST do not tell of the same messages', { place });
        return { number, id, octets: size };
      });
    },
    detach: () => ({ socket, rest: exchange.release() }),
    async quit() {
      await run('QUIT', 'QUIT');
      socket.destroy();
    },
    destroy: () => void socket.destroy(),
  };
}

/** @throws CausewayError 'unavailable' for `-ERR` */
function expectOk(what: string, status: Status, place: string): Status {
  if (status.ok) return status;
  throw new CausewayError('unavailable', `${what}: -ERR${status.code === undefined ? '' : ` [${status.code}]`}`, { place });
}
