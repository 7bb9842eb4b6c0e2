/**
 * One client's connection, from accept to close: TLS, the conversation, sign-in, the way to the home, the session.
 *
 * Invariants: the place of an accepted sign-in is opened or left on every path. Nothing that goes wrong here ends the
 * worker. What a client is told when it is refused comes from the table of replies.
 */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { CausewayError, type ErrorCode, messageOf } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { replyFor, type Refusal, type Reply } from '#signin/replies.ts';
import type { Origin } from '#wire/proxy.ts';
import type { AskJudgeable } from './ask-judgeable.ts';
import type { AskSignIn } from './ask-sign-in.ts';
import type { AskUidls } from './ask-uidls.ts';
import type { Arrival, Dial } from './backend.ts';
import { type ClientStream, createClientStream } from './client-stream.ts';
import type { Entry } from './conversing.ts';
import type { Credentials } from './credentials.ts';
import type { Dialect } from './dialect.ts';
import { connected, connectionFailed, oldTls, proxyHeaderRefused, sessionClosed, sessionOpened } from './events.ts';
import type { HoldBack } from './hold-back.ts';
import type { NotLetIn, Saw } from './messages.ts';
import type { Place } from './registry.ts';
import { secure } from './tls.ts';

/** `clear`: STARTTLS, or POP3's STLS, before anything secret. `tls`: from the first byte. */
export type Port = 'clear' | 'tls';

export type ConnectionOptions = {
  readonly secureContext: () => SecureContext;
  /** For the host that a client names, where hosts have certificates of their own. */
  readonly secureContextFor?: (host: string) => SecureContext;
  readonly dialect: Dialect;
  readonly ask: AskSignIn['ask'];
  readonly couldJudge: AskJudgeable['ask'];
  readonly uidls: AskUidls['ask'];
  readonly dial: Dial;
  readonly foreignName: (login: string) => boolean;
  readonly holdBack: HoldBack;
  readonly saw: (saw: Saw) => void;
  readonly clock: Clock;
  readonly emit: Emit;
};

/** Clients sign in within a second of connecting, people who type within half a minute; Dovecot waits 180 s. */
const BEFORE_SIGN_IN_MS = 60_000;
/** From the secret to the answer: below the shortest client time-out found (FairEmail, 20 s). */
const ANSWER_MS = 18_000;
/** What the way to the home gets even when sign-in took long. */
const LEAST_DIAL_MS = 3_000;
/** For the last words to be taken. */
const GOODBYE_MS = 5_000;
/** Before the kernel probes a silent client: a phone that left its network is noticed in minutes, not hours. */
const KEEPALIVE_MS = 120_000;

/** By what the way to the home throws. */
const NOT_LET_IN: Readonly<Partial<Record<ErrorCode, NotLetIn>>> = { unavailable: 'platform', conflict: 'in-use', config: 'no-service' };

type Entered = { readonly place: Place; readonly arrival: Arrival; readonly home: string; readonly since: number };

/** Who connected, and whom to tell that it counts no more among those who have not signed in. */
export type Visitor = { readonly origin: Origin; readonly signedIn: () => void };

/** Resolves when the connection is over, or has become a session, which lives by itself. Never rejects. */
export async function serveConnection(raw: Socket, port: Port, visitor: Visitor, options: ConnectionOptions): Promise<void> {
  const { clock, emit } = options;
  raw.setNoDelay(true);
  raw.setKeepAlive(true, KEEPALIVE_MS);
  const { origin } = visitor;
  const network = origin.address;
  emit(connected, { entry: port, network });
  const time = new AbortController();
  const inTime = clock.after(BEFORE_SIGN_IN_MS, () => time.abort(NEEDLESS));
  let socket: Socket = raw;
  try {
    let transport: Port = port;
    if (transport === 'tls') socket = await handshake();
    for (let greet = true; ; greet = false) {
      const stream = createClientStream(socket, transport === 'clear' ? refuseProxyHeader : undefined);
      const outcome = await options.dialect.converse({
        stream,
        transport,
        greet,
        foreignName: options.foreignName,
        signal: time.signal,
        onPlainText: () => options.saw({ saw: 'door', network, fault: 'plain-text', detail: options.dialect.protocol }),
        turnAway: (login) => turnAway(login, stream, options),
        enter: (credentials) => enter(credentials, origin, stream, options),
      });
      if (outcome.end === 'over') {
        stream.release();
        break;
      }
      if (outcome.end === 'entered') {
        visitor.signedIn();
        beginSession(socket, stream, outcome.tag, outcome.entered, options);
        return;
      }
      discard(socket);
      socket = await handshake();
      transport = 'tls';
    }
  } catch (error) {
    if (!(error instanceof CausewayError)) emit(connectionFailed, { error: messageOf(error) });
  } finally {
    inTime();
  }
  socket.resume();
  socket.end();
  if (!socket.closed) socket.once('close', clock.after(GOODBYE_MS, () => socket.destroy()));

  async function handshake(): Promise<Socket> {
    const secured = await secure(raw, options.secureContext(), time.signal, options.secureContextFor, (fault, host) => options.saw({ saw: 'door', network, fault, detail: host }));
    const version = secured.getProtocol();
    if (version === 'TLSv1' || version === 'TLSv1.1') emit(oldTls, { version, network });
    return secured;
  }

  function refuseProxyHeader(): void {
    emit(proxyHeaderRefused, { from: network, error: 'this address may not send a PROXY header' });
    raw.destroy();
  }
}

/** Bytes that were read in clear: nobody will ever see them. */
function discard(socket: Socket): void {
  socket.pause();
  while (socket.read() !== null);
}

/** What is told, before the secret, to one whose secret could not be judged. */
async function turnAway(login: string, stream: ClientStream, { clock, dialect, couldJudge, holdBack }: ConnectionOptions): Promise<Reply | undefined> {
  const since = clock.monotonic();
  if (await couldJudge(login, dialect.protocol)) return undefined;
  await holdBack(since, stream.gone);
  return replyFor({ verdict: 'unavailable', reason: 'verifier-down' }, dialect.protocol, 'name');
}

/** One attempt: the verdict, then the way to the home. */
async function enter(credentials: Credentials, origin: Origin, stream: ClientStream, options: ConnectionOptions): Promise<Entry<Entered>> {
  const { clock, dialect } = options;
  const { protocol } = dialect;
  const { login, secret, host, device } = credentials;
  const since = clock.monotonic();
  const { verdict, place } = await options.ask({ protocol, login, secret, network: origin.address, ...(device === undefined ? {} : { device }) }, stream.gone);
  if (place === undefined) return refuse(verdict);
  try {
    const budget = Math.max(LEAST_DIAL_MS, since + ANSWER_MS - clock.monotonic());
    const { accountId, address, home } = verdict;
    // Before the platform is dialled: without them there is no session.
    const uidls = protocol === 'pop3' ? await options.uidls(accountId, home) : undefined;
    const dialled = options.dial({ protocol, accountId, address, home, secret, client: origin, host }, budget, stream.gone);
    const arrival = await Promise.race([dialled, place.left]);
    if (arrival === undefined) {
      void dialled.then(({ socket }) => socket.destroy(), () => {});
      throw new CausewayError('unavailable', `${home} was given up while it was dialled`);
    }
    return { end: 'entered', entered: { place, arrival: uidls === undefined ? arrival : { ...arrival, uidls }, home, since } };
  } catch (error) {
    place.leave();
    if (stream.gone.aborted) throw new CausewayError('aborted', 'the client went', { cause: error });
    const why = error instanceof CausewayError ? NOT_LET_IN[error.code] : undefined;
    if (why !== undefined) options.saw({ saw: 'home', accountId: verdict.accountId, protocol, network: origin.address, device: device ?? '', home: verdict.home, why });
    const inUse = why === 'in-use';
    return refuse({ verdict: 'unavailable', reason: inUse ? 'in-use' : 'internal' });
  }

  async function refuse(refusal: Refusal): Promise<Entry<Entered>> {
    await options.holdBack(since, stream.gone);
    const { line, closes } = replyFor(refusal, protocol, 'secret');
    return { end: 'refused', reply: line, closes };
  }
}

function beginSession(socket: Socket, stream: ClientStream, tag: string, entered: Entered, options: ConnectionOptions): void {
  const { place, arrival, home, since } = entered;
  const { clock, dialect, emit } = options;
  const { accountId } = place;
  const queue = stream.release();
  const began = clock.monotonic();
  if (socket.writable) socket.write(dialect.welcome(tag, arrival), 'latin1');
  const session = dialect.createSession({ client: socket, queue, platform: arrival, frozen: place.frozen(), clock });
  place.open(session);
  options.saw({ saw: 'let-in', home });
  emit(sessionOpened, { platform: home, entrance: arrival.entrance, account: accountId, ms: Math.round(began - since) });
  void session.closed.then(() => emit(sessionClosed, { platform: home, account: accountId, seconds: Math.round((clock.monotonic() - began) / 1000) }));
}
