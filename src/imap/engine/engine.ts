/**
 * The client's side of one IMAP connection: many commands in flight, written in order, each given its own answers.
 *
 * Invariants: after a failure the socket is destroyed, every command rejects, and nothing is written. Whatever the server
 * sends ends in an answer or in a failure, never in an exception elsewhere. Silence is timed only while a command is in
 * flight and it is the server's turn: not while a slow consumer holds the input, a slow source the output, or the client idles.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { ReadBuffer } from '#net/read-buffer.ts';
import { parseResponse, type Response } from '#wire/imap/response.ts';
import { type Line, textOf, type Token } from '#wire/imap/tokens.ts';
import { refusal, type Tagged } from '../refusal.ts';
import { isChange } from './changes.ts';
import { type Command, type CommandSpec, createInFlight, type Untagged } from './in-flight.ts';
import { createInput } from './input.ts';
import { mayFollow } from './literal.ts';
import { createOutput } from './output.ts';
import { createWatchdog } from './watchdog.ts';

export type Greeting = Extract<Response, { kind: 'status' }>;

export type EngineOptions = {
  readonly clock: Clock;
  /** Silence allowed while a command is in flight, ms. */
  readonly commandMs: number;
  readonly beforeWrite?: () => void;
  /** Large literals wait for the server's `+` even where it would take them at once. */
  readonly asksFirst?: boolean | undefined;
  /** `host:port`, for errors. */
  readonly place: string;
  /** What the socket reads into; absent: it tells by `data`. */
  readonly reads?: ReadBuffer | undefined;
};

export type Engine = {
  readonly place: string;
  /** What is streamed is read into memory that is used again, so that it leaves no garbage. */
  readonly reusesMemory: boolean;
  readonly capabilities: ReadonlySet<string>;
  /** The first response. To be asked in the turn in which the engine is made, or not at all. */
  greeting(): Promise<Greeting>;
  /** Writes after all earlier ones. Resolves with the OK; NO and BAD reject with CausewayError 'refused'. */
  command(spec: CommandSpec): Promise<Tagged>;
  /** The input goes on that a literal's sink had held. */
  release(): void;
  fail(error: CausewayError): void;
  /** When the socket is closed, whoever holds it then. */
  readonly closed: Promise<void>;
  /** The socket, paused, and what was read from it and not used. Throws CausewayError 'conflict' in mid-exchange. */
  detach(): { socket: Socket; rest: Buffer };
};

/** Commands given and not answered. A mover keeps some dozens; thousands mean that nobody waits for answers. */
const COMMAND_LIMIT = 4096;

/** Real servers announce some 60. */
const CAPABILITY_LIMIT = 500;

export function createEngine(socket: Socket, options: EngineOptions): Engine {
  const { place, clock, commandMs, reads } = options;
  const inFlight = createInFlight(place);
  let capabilities: ReadonlySet<string> = new Set();
  let failure: CausewayError | undefined;
  let detached = false;
  let lastTag = 0;
  let greeter: PromiseWithResolvers<Greeting> | undefined;
  const closing = Promise.withResolvers<void>();

  const watchdog = createWatchdog({
    clock,
    ms: commandMs,
    watched: () => inFlight.size > 0,
    ours: () => input.held || output.awaitsUs,
    onSilence: () => fail(unavailable(`no byte from the server within ${commandMs} ms`)),
  });

  const input = createInput({
    openLiteral: inFlight.openLiteral,
    onPlain,
    onLine,
    onReleased() {
      watchdog.touch();
      reads?.drained();
      if (!detached) socket.resume();
    },
    passing: reads !== undefined,
  });

  const output = createOutput({
    socket,
    mayFollow: (size) => mayFollow(size, capabilities, options.asksFirst),
    beforeWrite: options.beforeWrite,
    onProgress: watchdog.touch,
    onFailure(cause) {
      const known = cause instanceof CausewayError;
      fail(known ? cause : new CausewayError('aborted', 'writing to the server was stopped', { place, cause }));
    },
  });

  function unavailable(what: string, cause?: unknown): CausewayError {
    return new CausewayError('unavailable', what, { place, cause });
  }

  function broken(cause: unknown): CausewayError {
    const what = cause instanceof CausewayError ? cause.message : 'a response could not be read';
    return new CausewayError('protocol', `the server broke the protocol: ${what}`, { place, cause });
  }

  /** Runs what reads the server's bytes: what that throws is the server's doing. */
  function guarded(read: () => void): void {
    try {
      read();
      if (input.held) socket.pause();
    } catch (error) {
      fail(broken(error));
    }
  }

  function release(): void {
    guarded(() => input.release());
  }

  /** Of those that come by the thousand, in their plainest spelling, no response is made. */
  function onPlain(line: Line): boolean {
    if (greeter !== undefined) return false;
    const [first] = line;
    if (line.length === 1 && Buffer.isBuffer(first)) return inFlight.giveText(first);
    const taken = line.length === 3 && inFlight.giveBody(line);
    if (typeof taken === 'object') awaitTaker(taken);
    return taken !== false;
  }

  function onLine(line: Line): void {
    const response = parseResponse(line);
    if (response.kind === 'tagged') {
      onTagged(response);
    } else if (response.kind !== 'continuation') {
      onUntagged(response);
    } else if (!output.onContinuation()) {
      // It would later be taken for leave to send a literal.
      throw new CausewayError('protocol', 'a continuation that nothing asked for');
    }
  }

  function onTagged(tagged: Tagged): void {
    const given = inFlight.get(tagged.tag);
    if (given === undefined || given.state === 'queued' || given.answer !== undefined) {
      throw new CausewayError('protocol', 'an answer to no command');
    }
    if (tagged.status === 'OK' && output.awaitsLeave(tagged.tag)) {
      throw new CausewayError('protocol', 'a command was answered OK before all of it was sent');
    }
    given.answer = tagged;
    learn(tagged.code?.name, tagged.code?.tokens);
    if (tagged.status === 'OK' && given.handsOver === true) {
      input.stop();
      socket.pause();
    }
    // A literal on its way must still be completed; then `onWritten` settles.
    if (given.state === 'written') inFlight.settle(given);
    else output.onAnswered(tagged.tag);
  }

  function onUntagged(response: Untagged): void {
    if (response.kind === 'status') learn(response.code?.name, response.code?.tokens);
    else if (response.name === 'CAPABILITY') learn(response.name, response.tokens);
    if (greeter !== undefined) return onGreeting(response, greeter);
    if (response.kind === 'status' && response.status === 'BYE') {
      if (!inFlight.expectsBye) fail(bye('the server ended the session', response));
      return;
    }
    const pending = inFlight.give(response);
    if (pending !== undefined) awaitTaker(pending);
  }

  function awaitTaker(pending: Promise<void>): void {
    input.hold();
    pending.then(release, (error: unknown) => fail(broken(error)));
  }

  function onGreeting(response: Untagged, waiting: PromiseWithResolvers<Greeting>): void {
    greeter = undefined;
    if (response.kind === 'status' && response.status === 'BYE') {
      const error = bye('the server refused at its greeting', response);
      waiting.reject(error);
      return fail(error);
    }
    if (response.kind === 'status' && (response.status === 'OK' || response.status === 'PREAUTH')) {
      return waiting.resolve(response);
    }
    greeter = waiting;
    throw new CausewayError('protocol', 'found no greeting');
  }

  function bye(what: string, response: Greeting): CausewayError {
    return refusal('unavailable', what, { ...response, status: 'BYE' }, { place });
  }

  function learn(name: string | undefined, tokens: readonly Token[] = []): void {
    if (name !== 'CAPABILITY') return;
    const words = tokens.slice(0, CAPABILITY_LIMIT).filter((token) => token.kind !== 'list');
    capabilities = new Set(words.map((token) => textOf(token).toUpperCase()));
  }

  function fail(error: CausewayError): void {
    if (failure !== undefined || detached) return;
    failure = error;
    input.stop();
    output.fail(error);
    watchdog.stop();
    greeter?.reject(error);
    inFlight.fail(error);
    socket.destroy();
  }

  function command(spec: CommandSpec): Promise<Tagged> {
    if (failure !== undefined) return Promise.reject(failure);
    if (detached) return Promise.reject(new CausewayError('conflict', 'the socket was handed over', { place }));
    if (inFlight.size >= COMMAND_LIMIT) {
      return Promise.reject(new CausewayError('limit', `${COMMAND_LIMIT} commands are in flight`, { place }));
    }
    lastTag += 1;
    const tag = `A${lastTag}`;
    const { promise, resolve, reject } = Promise.withResolvers<Tagged>();
    const given: Command = { ...spec, tag, state: 'queued', resolve, reject };
    if (inFlight.size === 0) watchdog.touch();
    inFlight.add(given);
    watchdog.start();
    output.send({
      tag,
      parts: [`${tag} `, ...spec.parts],
      changes: isChange(spec.name),
      onStart() {
        given.state = 'writing';
      },
      onWritten() {
        given.state = 'written';
        inFlight.settle(given);
      },
      onAbandoned(error) {
        inFlight.remove(given);
        reject(error);
      },
    });
    return promise;
  }

  function onData(chunk: Buffer): void {
    watchdog.touch();
    guarded(() => input.push(chunk));
  }
  function onEnd(): void {
    // Each session passes here at its end: an error that nobody gets would cost it a stack.
    if (failure === undefined && !detached) fail(unavailable('the server closed the connection'));
  }
  if (reads === undefined) {
    socket.on('data', onData);
  } else {
    reads.attach((chunk) => {
      onData(chunk);
      return input.wanted;
    });
  }
  socket.on('drain', output.onDrain);
  socket.on('end', onEnd);
  // These two stay after a detach: an error without a listener would end the process.
  socket.on('error', (error) => fail(unavailable(`the connection failed: ${error.message}`, error)));
  socket.on('close', () => {
    onEnd();
    reads?.end();
    closing.resolve();
  });

  return {
    place,
    reusesMemory: reads !== undefined,
    get capabilities() {
      return capabilities;
    },
    greeting() {
      greeter = Promise.withResolvers<Greeting>();
      return greeter.promise;
    },
    command,
    release,
    fail,
    closed: closing.promise,
    detach() {
      if (failure !== undefined) throw failure;
      if (detached || reads !== undefined || inFlight.size > 0 || input.midLine) {
        throw new CausewayError('conflict', 'the connection is in the middle of an exchange', { place });
      }
      detached = true;
      input.stop();
      watchdog.stop();
      socket.pause();
      socket.off('data', onData);
      socket.off('drain', output.onDrain);
      socket.off('end', onEnd);
      return { socket, rest: input.rest() };
    },
  };
}
