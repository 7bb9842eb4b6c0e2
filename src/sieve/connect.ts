/**
 * A platform's ManageSieve (RFC 5804), as a client: connecting, STARTTLS, signing in.
 *
 * Invariants: with `starttls` not a byte of the unencrypted part is believed afterwards: its capabilities are forgotten,
 * and bytes that came between the answer to STARTTLS and TLS are an attack (CVE-2011-0411). One deadline covers everything
 * until the capabilities are read. `refused` is only a NO that can be about the secret: one without a code. A secret is in
 * no message.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { type Endpoint, openSocket, openTls } from '#net/endpoint.ts';
import { type ConnectOptions, type OnSocket, openWithin, placeOf } from '#net/opening.ts';
import { encodePlain } from '#wire/sasl.ts';
import { capabilityOf } from '#wire/sieve/response.ts';
import { encodeString } from '#wire/sieve/string.ts';
import { type Answer, createExchange, type Exchange } from './exchange.ts';
import { createScriptCommands, type ScriptCommands } from './scripts.ts';

/** `authzid`: whom to act for, where `user` is a master or proxy user. */
export type Login = { readonly user: string; readonly password: string; readonly authzid?: string };

export type SieveConnection = ScriptCommands & {
  /** What the server announced before signing in, over TLS where there is any: `SASL PLAIN`, `VERSION 1.0`. Upper case. */
  readonly capabilities: ReadonlySet<string>;
  /** @throws CausewayError 'refused', 'unavailable', 'protocol', 'limit' */
  login(login: Login): Promise<void>;
  /** The socket, paused, and what was read from it and not used. */
  detach(): { socket: Socket; rest: Buffer };
  logout(): Promise<void>;
  destroy(): void;
};

/** @throws CausewayError 'unavailable', 'protocol', 'limit', 'aborted' (by `signal`) */
export async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<SieveConnection> {
  const place = placeOf(endpoint);
  const exchangeOptions = { clock: options.clock, answerMs: options.commandMs, place };
  const opened = await openWithin('ManageSieve session', endpoint, options, (onSocket) => open(endpoint, exchangeOptions, onSocket));
  return createConnection(opened, endpoint);
}

type Opened = { readonly socket: Socket; readonly exchange: Exchange; readonly greeting: Answer };

async function open(endpoint: Endpoint, options: { clock: ConnectOptions['clock']; answerMs: number; place: string }, onSocket: OnSocket): Promise<Opened> {
  const { place } = options;
  const socket = await openSocket(endpoint, onSocket);
  const exchange = createExchange(socket, options);
  const greeting = expectOk('the greeting', await exchange.answer(), place);
  if (endpoint.tls !== 'starttls') return { socket, exchange, greeting };
  exchange.send('STARTTLS');
  expectOk('STARTTLS', await exchange.answer(), place);
  if (exchange.release().length > 0) throw new CausewayError('protocol', 'bytes between STARTTLS and TLS: somebody injects them', { place });
  const inside = await openTls(endpoint, onSocket, socket);
  const secured = createExchange(inside, options);
  // RFC 5804 section 2.2: the server says its capabilities again.
  return { socket: inside, exchange: secured, greeting: expectOk('the capabilities', await secured.answer(), place) };
}

function createConnection({ socket, exchange, greeting }: Opened, endpoint: Endpoint): SieveConnection {
  const place = placeOf(endpoint);
  const capabilities = new Set(
    greeting.data.map((words) => {
      const { name = '', value } = capabilityOf(words) ?? {};
      return value === undefined ? name : `${name} ${value.toUpperCase()}`;
    }),
  );

  async function run(command: string): Promise<Answer> {
    exchange.send(command);
    return expectOk(command, await exchange.answer(), place);
  }

  /**
   * Pigeonhole's XCLIENT, which it announces to those from whom it believes it (login_trusted_networks). One that does not
   * like it is used all the same.
   */
  async function tellOrigin(): Promise<void> {
    const { clientAddress, behalfOf } = endpoint;
    if (clientAddress !== 'xclient' || behalfOf === undefined || !capabilities.has('XCLIENT')) return;
    exchange.send(`XCLIENT ADDR=${behalfOf.address} PORT=${behalfOf.port}`);
    await exchange.answer();
  }

  return {
    capabilities,
    async login({ user, password, authzid }) {
      await tellOrigin();
      const response = encodePlain({ authcid: user, secret: password, ...(authzid === undefined ? {} : { authzid }) });
      exchange.send('AUTHENTICATE "PLAIN" ', encodeString(response, 'client'));
      const { status, code } = await exchange.answer();
      if (status === 'OK') return;
      // The server's words may hold what we sent, so they are left out.
      const words = code === undefined ? status : `${status} (${code})`;
      if (status === 'NO' && code === undefined) throw new CausewayError('refused', `sign-in: ${words}`, { place });
      throw new CausewayError('unavailable', `sign-in could not be judged: ${words}`, { place });
    },
    ...createScriptCommands(exchange, place),
    detach: () => ({ socket, rest: exchange.release() }),
    async logout() {
      await run('LOGOUT');
      socket.destroy();
    },
    destroy: () => void socket.destroy(),
  };
}

/** @throws CausewayError 'unavailable' for NO and BYE */
function expectOk(what: string, answer: Answer, place: string): Answer {
  if (answer.status === 'OK') return answer;
  throw new CausewayError('unavailable', `${what}: ${answer.status}${answer.code === undefined ? '' : ` (${answer.code})`}`, { place });
}
