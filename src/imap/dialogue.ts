/**
 * A few commands and their answers at the beginning of an IMAP connection, before its socket is handed over.
 *
 * Invariants: after a failure the socket is destroyed and whatever is waited for rejects. Lines are capped; of what the
 * server says only its capabilities are kept. Nothing is read behind the answer to a command that is the last one.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { createByteQueue } from '#wire/byte-queue.ts';
import { parseResponse } from '#wire/imap/response.ts';
import { mayFollow } from './engine/literal.ts';
import type { Part } from './engine/output.ts';
import { refusal } from './refusal.ts';

export type Dialogue = {
  /** In upper case. */
  capabilities(): ReadonlySet<string>;
  greeting(): Promise<'OK' | 'PREAUTH'>;
  /**
   * Commands of one turn go in one packet. Resolves with the OK: whether it told the capabilities. NO and BAD reject with
   * CausewayError 'refused', anything else with 'unavailable' or 'protocol'.
   * @param parts as the engine's, without a body
   * @param last what comes behind its OK is not looked at, unless there is another command
   */
  command(parts: readonly Part[], last?: boolean): Promise<boolean>;
  fail(error: CausewayError): void;
  /** The socket, paused, and what was not looked at. Throws CausewayError 'conflict' in mid-exchange, or the failure. */
  detach(): { socket: Socket; rest: Buffer };
};

/** A list of sixty capabilities has 700 bytes, an answer to ID 300. */
const LINE_LIMIT = 64 * 1024;
/** Real servers announce some 60. */
const CAPABILITY_LIMIT = 500;
/** Each platform has one list for before and one for after signing in, and perhaps one for each kind of account. */
const LISTS = 64;

const STATUS = /^([^ ]+) +(OK|NO|BAD|BYE|PREAUTH)(?: +(?:\[([^ \]]+) ?([^\]]*)\])?|$)/i;
const LIST = /^\* CAPABILITY +(.*)$/i;
/** A literal's mark at the end of a line of data. */
const MARK = /\{(\d{1,10})\}$/;
/** Some servers send NUL bytes before a reply (seen by imapflow). */
// eslint-disable-next-line no-control-regex -- NUL is what is looked for
const BEFORE = /^[\u0000 ]+/;

type Awaited = {
  readonly tag: string;
  readonly resolve: (listed: boolean) => void;
  readonly reject: (error: Error) => void;
  readonly last: boolean;
  /** What goes out when the server says `+`. */
  rest: readonly Part[];
};

export function createDialogue(socket: Socket, place: string): Dialogue {
  const queue = createByteQueue();
  let awaited: Awaited[] = [];
  let greeter: PromiseWithResolvers<'OK' | 'PREAUTH'> | undefined = Promise.withResolvers();
  const greeted = greeter.promise;
  greeted.catch(() => {}); // within TLS there is none, and nobody asks
  let capabilities: ReadonlySet<string> = new Set();
  let failure: CausewayError | undefined;
  let stopped = false;
  let literal = 0; // what is left of one that nobody wants
  let continued = false; // the line goes on behind a literal
  let lastTag = 0;
  let unsent = '';

  const unavailable = (what: string, cause?: unknown): CausewayError => new CausewayError('unavailable', what, { place, cause });
  const broken = (what: string): CausewayError => new CausewayError('protocol', `the server broke the protocol: ${what}`, { place });

  function fail(error: CausewayError): void {
    if (failure !== undefined) return;
    failure = error;
    stopped = true;
    greeter?.reject(error);
    for (const { reject } of awaited) reject(error);
    awaited = [];
    socket.destroy();
  }

  function read(): void {
    while (!stopped) {
      if (literal > 0) {
        const skipped = queue.bytes(literal);
        if (skipped === undefined) return;
        literal -= skipped.length;
        continue;
      }
      const line = queue.line(LINE_LIMIT);
      if (line === undefined) return;
      take(line);
    }
  }

  function take(line: Buffer): void {
    const text = line.toString('latin1').replace(BEFORE, '');
    if (continued) return takeData(text);
    if (text.startsWith('+')) return goOn();
    const [, tag, word, code, value = ''] = STATUS.exec(text) ?? [];
    if (tag === undefined || word === undefined) return takeData(text);
    const listed = code?.toUpperCase() === 'CAPABILITY';
    if (listed) capabilities = listOf(value);
    const status = word.toUpperCase();
    if (tag !== '*') return takeAnswer(tag, status, listed, line);
    if (status === 'BYE') fail(refused(greeter === undefined ? 'the server ended the session' : 'the server refused at its greeting', line, 'unavailable'));
    else if (greeter !== undefined) takeGreeting(status);
  }

  function takeGreeting(status: string): void {
    if (status !== 'OK' && status !== 'PREAUTH') return fail(broken('found no greeting'));
    greeter?.resolve(status);
    greeter = undefined;
  }

  function takeData(text: string): void {
    if (!continued && (!text.startsWith('* ') || greeter !== undefined)) return fail(broken('found a line that is no response'));
    const list = continued ? undefined : LIST.exec(text)?.[1];
    if (list !== undefined) capabilities = listOf(list);
    const mark = MARK.exec(text)?.[1];
    continued = mark !== undefined;
    literal = Number(mark ?? 0);
  }

  function takeAnswer(tag: string, status: string, listed: boolean, line: Buffer): void {
    const given = awaited.find((each) => each.tag === tag);
    if (given === undefined || status === 'BYE' || status === 'PREAUTH') return fail(broken('an answer to no command'));
    if (status === 'OK' && given.rest.length > 0) return fail(broken('a command was answered OK before all of it was sent'));
    awaited = awaited.filter((each) => each !== given);
    if (status !== 'OK') return given.reject(refused('a command', line, 'refused'));
    if (given.last && awaited.length === 0) {
      stopped = true;
      socket.pause();
    }
    given.resolve(listed);
  }

  function refused(what: string, line: Buffer, code: 'refused' | 'unavailable'): CausewayError {
    const response = parseResponse([line]);
    return 'status' in response && response.status !== 'OK' && response.status !== 'PREAUTH' ? refusal(code, what, { ...response, status: response.status }, { place }) : broken('a status');
  }

  /** The server's `+`. */
  function goOn(): void {
    const given = awaited.find(({ rest }) => rest.length > 0);
    if (given === undefined) return fail(broken('a continuation that nothing asked for'));
    put(given, given.rest);
    flush();
  }

  /** Sends as much of the parts as may go without the server's word. */
  function put(given: Awaited, parts: readonly Part[]): void {
    for (const [at, part] of parts.entries()) {
      if (typeof part === 'string') {
        unsent += part;
      } else if (Buffer.isBuffer(part)) {
        const bytes = part.toString('latin1');
        if (given.rest === parts && at === 0) {
          unsent += bytes; // it was announced
          continue;
        }
        const open = mayFollow(part.length, capabilities);
        unsent += `{${part.length}${open ? '+' : ''}}\r\n`;
        if (!open) return void (given.rest = parts.slice(at));
        unsent += bytes;
      } else if ('reply' in part) {
        if (given.rest === parts && at === 0) {
          unsent += part.reply() as string;
          continue;
        }
        unsent += '\r\n';
        return void (given.rest = parts.slice(at));
      }
    }
    given.rest = [];
    unsent += '\r\n';
  }

  function flush(): void {
    const text = unsent;
    unsent = '';
    if (text !== '' && failure === undefined) socket.write(text, 'latin1');
  }

  const onData = (chunk: Buffer): void => {
    queue.push(chunk);
    try {
      read();
    } catch (error) {
      fail(broken(error instanceof CausewayError ? error.message : 'a response could not be read'));
    }
  };
  const onError = (error: Error): void => fail(unavailable(`the connection failed: ${error.message}`, error));
  const onEnd = (): void => {
    if (failure === undefined) fail(unavailable('the server closed the connection'));
  };
  socket.on('data', onData);
  socket.on('error', onError);
  socket.on('end', onEnd);
  socket.on('close', onEnd);

  return {
    capabilities: () => capabilities,
    greeting: () => greeted,
    command(parts, last = false) {
      if (failure !== undefined) return Promise.reject(failure);
      greeter = undefined;
      lastTag += 1;
      const tag = `A${lastTag}`;
      return new Promise((resolve, reject) => {
        const given: Awaited = { tag, resolve, reject, last, rest: [] };
        awaited.push(given);
        if (unsent === '') queueMicrotask(flush);
        put(given, [`${tag} `, ...parts]);
        if (!stopped) return;
        stopped = false;
        socket.resume();
        onData(NOTHING);
      });
    },
    fail,
    detach() {
      if (failure !== undefined) throw failure;
      if (awaited.length > 0) throw new CausewayError('conflict', 'the connection is in the middle of an exchange', { place });
      stopped = true;
      socket.pause();
      socket.off('data', onData);
      socket.off('error', onError);
      socket.off('end', onEnd);
      socket.off('close', onEnd);
      socket.on('error', ignore);
      return { socket, rest: queue.rest() };
    },
  };
}

const NOTHING = Buffer.alloc(0);
const ignore = (): void => {};

const lists = new Map<string, ReadonlySet<string>>();

/** The names in upper case. The lists of a platform are the same each time, and so are shared. */
function listOf(names: string): ReadonlySet<string> {
  const known = lists.get(names);
  if (known !== undefined) return known;
  const list = new Set(names.toUpperCase().split(' ', CAPABILITY_LIMIT).filter((name) => name !== ''));
  if (lists.size >= LISTS) lists.clear();
  lists.set(names, list);
  return list;
}
