/**
 * Sign-in for Postfix and Exim, which ask as they would ask Dovecot.
 *
 * Invariants: FAIL is said for the verdict `rejected` and nothing else, since Postfix makes a 535 of every FAIL, whatever
 * its parameters say. Whatever is not known (`unavailable`, `locked`, a secret that cannot be read) gets no answer: the
 * connection is closed, of which Postfix makes `454 4.7.0` and Exim 435. Before it is closed, what else was asked on it
 * is answered. Nothing is registered with a hold: to hand a message in is no part of one.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { replyFor } from '#signin/replies.ts';
import type { Judge } from '#signin/sign-in.ts';
import { contLine, failLine, LINE_LIMIT, okLine, parseClientLine, serverHandshake } from '#wire/dovecot-auth.ts';
import { decodeText } from '#wire/sasl.ts';
import { createClientStream } from '../client-stream.ts';
import { type Credentials, plainCredentials, whyNotLogin, whyNotSecret } from '../credentials.ts';
import type { HoldBack } from '../hold-back.ts';
import { saslBroken } from './events.ts';

export type SaslOptions = {
  readonly attempt: Judge;
  /** A login name that must not reach a platform. */
  readonly foreignName: (login: string) => boolean;
  /** For rejections only: Postfix keeps a process for each client that waits, and has a hundred. */
  readonly holdBack: HoldBack;
  readonly clock: Clock;
  readonly emit: Emit;
};

export type SaslServer = { accept(socket: Socket): void; close(): void };

/** A process of Postfix keeps one for its life, and has a hundred of them a service and machine (`default_process_limit`). */
export const SASL_CONNECTIONS = 2_000;
/** On one connection. Postfix asks for one client at a time; others share a connection among their sessions. */
const IN_FLIGHT = 64;
/** Of one connection, begun and not gone on with: clients that left in the middle, of which Postfix says nothing. */
const BEGUN = 256;

export function createSaslServer(options: SaslOptions): SaslServer {
  const open = new Set<Socket>();
  let connections = 0;
  return {
    accept(socket) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      connections += 1;
      void serveSaslClient(socket, connections, options);
    },
    close() {
      for (const socket of open) hangUp(socket);
    },
  };
}

/** One that has begun and whose secret has not come yet. */
type Dialogue = { readonly mechanism: 'PLAIN' | 'LOGIN'; readonly network: string; readonly login?: string };

const PROMPTS = { PLAIN: '', LOGIN: 'Username:' };
const SERVICES: ReadonlySet<string> = new Set(['smtp', 'submission']);

/** Resolves when the connection is over. Never rejects. */
async function serveSaslClient(socket: Socket, connection: number, { attempt, foreignName, holdBack, clock, emit }: SaslOptions): Promise<void> {
  const stream = createClientStream(socket);
  const begun = new Map<number, Dialogue>();
  const judged = new Set<Promise<void>>();
  /** Aborted by an attempt that gets no answer. */
  const silence = new AbortController();
  const say = (text: string): void => void (socket.writable && socket.write(text));

  async function judge(id: number, { login, secret }: Credentials, network: string): Promise<void> {
    const since = clock.monotonic();
    const verdict = await attempt({ protocol: 'submission', login, secret, network }, () => undefined, stream.gone);
    if (verdict.verdict === 'accepted') return say(okLine(id, verdict.address));
    if (verdict.verdict !== 'rejected') return silence.abort();
    await holdBack(since, stream.gone);
    say(failLine(id, replyFor(verdict, 'submission', 'secret').line.replace(/^[\d. ]+/, '')));
  }

  /** With what came: asks for more, or begins to judge. */
  function advance(id: number, dialogue: Dialogue, response: string | undefined): void {
    const { mechanism, network, login } = dialogue;
    if (response === undefined) return ask(id, dialogue, PROMPTS[mechanism]);
    let credentials: Credentials | string;
    if (mechanism === 'PLAIN') {
      credentials = plainCredentials(response, foreignName);
    } else {
      const text = decodeText(response);
      if (text === undefined) {
        credentials = 'That is no text in base64.';
      } else if (login === undefined) {
        const fault = whyNotLogin(text, foreignName);
        if (fault === undefined) return ask(id, { ...dialogue, login: text }, 'Password:');
        credentials = fault;
      } else {
        credentials = whyNotSecret(text) ?? { login, secret: text };
      }
    }
    // Nobody has checked a secret, so nobody may say that it is wrong.
    if (typeof credentials === 'string') return silence.abort();
    const work = judge(id, credentials, network).finally(() => judged.delete(work));
    judged.add(work);
  }

  function ask(id: number, dialogue: Dialogue, prompt: string): void {
    for (const oldest of begun.keys()) {
      if (begun.size < BEGUN) break;
      begun.delete(oldest);
    }
    begun.set(id, dialogue);
    say(contLine(id, prompt));
  }

  function obey(read: NonNullable<ReturnType<typeof parseClientLine>>): void {
    switch (read.line) {
      case 'version':
        if (read.major !== 1) throw new CausewayError('protocol', `version ${read.major} of the protocol was asked for, and this is 1`);
        return;
      case 'auth': {
        const { id, mechanism, parameters, initial } = read;
        const service = parameters.get('service') ?? '';
        if (!SERVICES.has(service)) throw new CausewayError('protocol', `the service "${service.slice(0, 40)}" is not smtp`);
        if (mechanism !== 'PLAIN' && mechanism !== 'LOGIN') throw new CausewayError('protocol', `the mechanism ${mechanism} was not offered`);
        return advance(id, { mechanism, network: parameters.get('rip') ?? 'unknown' }, initial);
      }
      case 'cont': {
        const dialogue = begun.get(read.id);
        if (dialogue === undefined) throw new CausewayError('protocol', 'a response to what was not asked');
        begun.delete(read.id);
        return advance(read.id, dialogue, read.data);
      }
      case 'cancel':
        begun.delete(read.id);
        return;
      case 'other':
    }
  }

  say(serverHandshake({ pid: process.pid, connection, cookie: randomBytes(16).toString('hex'), mechanisms: ['PLAIN', 'LOGIN'] }));
  try {
    while (!silence.signal.aborted) {
      const read = parseClientLine(await stream.line(LINE_LIMIT, silence.signal));
      if (read === undefined) throw new CausewayError('protocol', 'a line that is none of the protocol');
      obey(read);
      if (judged.size >= IN_FLIGHT) await Promise.race(judged);
    }
  } catch (error) {
    if (!(error instanceof CausewayError && error.code === 'aborted')) emit(saslBroken, { error: messageOf(error) });
  }
  // Ten seconds at most: no attempt, and no refusal that is held back, takes longer.
  await Promise.all(judged);
  hangUp(socket);
}

/**
 * Over TCP by a reset: after a FIN Postfix's next question would still be written without an error, and get no answer
 * either, where after a reset it connects again. A unix socket says so at once.
 */
function hangUp(socket: Socket): void {
  if (socket.remotePort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

