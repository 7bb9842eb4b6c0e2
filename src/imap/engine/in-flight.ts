/**
 * The commands that were given and are not answered yet, and whose the server's answers are.
 *
 * Invariants: a command's promise settles once. Untagged data go to the oldest command that wants them, since a server
 * answers in order; what nobody wants is dropped. A line with a streamed literal goes to the command that took it.
 */
import { CausewayError } from '#errors/index.ts';
import type { Response } from '#wire/imap/response.ts';
import { type Line, textOf } from '#wire/imap/tokens.ts';
import { refusal, type Tagged } from '../refusal.ts';
import { isAtBody, plainBody, streamableBody } from './fetch-response.ts';
import type { LiteralSink } from './input.ts';
import type { Part } from './output.ts';

export type Untagged = Extract<Response, { kind: 'status' | 'data' }>;

export type CommandSpec = {
  /** For messages: no argument in it. */
  readonly name: string;
  readonly parts: readonly Part[];
  /** Whether untagged data are this command's. Absent: it wants none. */
  readonly wants?: (response: Untagged) => boolean;
  /** What comes before all earlier commands are answered is about another mailbox. */
  readonly inTurn?: boolean;
  /** Gets what it wants. A promise holds the input until it settles; one that rejects fails the connection. */
  readonly onData?: (response: Untagged) => void | Promise<void>;
  /** Is offered whole lines before anybody parses them, where a FETCH response would be its own. False: it is not one that it can read. */
  readonly onText?: (line: Buffer) => boolean;
  /** Is offered, as `onText` whole lines, a body that was kept, by a response that has nothing else but its UID. */
  readonly onBody?: (uid: number, bytes: Buffer) => boolean | Promise<void>;
  /** Takes BODY[] literals as they arrive; undefined: this one is not its own. */
  readonly openBody?: (uid: number | undefined, size: number) => LiteralSink | undefined;
  /** Literals below this are not offered to `openBody` but kept, and come with their line to `onData`. Absent: none. */
  readonly streamFrom?: number;
  /** Memory for a BODY[] literal that is kept, exactly of its size. */
  readonly memoryFor?: (size: number) => Buffer;
  /** After its OK nothing more is read here: the bytes that follow belong to another protocol. */
  readonly handsOver?: boolean;
  /** BYE is what it asks for. */
  readonly expectsBye?: boolean;
};

export type Command = CommandSpec & {
  readonly tag: string;
  state: 'queued' | 'writing' | 'written';
  answer?: Tagged;
  resolve(tagged: Tagged): void;
  reject(error: unknown): void;
};

export type InFlight = {
  readonly size: number;
  readonly expectsBye: boolean;
  add(command: Command): void;
  remove(command: Command): void;
  get(tag: string): Command | undefined;
  /** Settles a command that has its answer. */
  settle(command: Command): void;
  openLiteral(line: Line, size: number): LiteralSink | Buffer | undefined;
  /** A line without literals. @returns whether somebody took it */
  giveText(line: Buffer): boolean;
  /** A line with one literal. @returns whether somebody took it, or a promise that holds the input */
  giveBody(line: Line): boolean | Promise<void>;
  /** A line that is not tagged has ended. */
  give(response: Untagged): void | Promise<void>;
  fail(error: CausewayError): void;
};

/** To ask who would take one. */
const A_FETCH: Untagged = { kind: 'data', name: 'FETCH', number: 1, tokens: [] };

export function createInFlight(place: string): InFlight {
  const commands = new Map<string, Command>(); // in the order given
  let owner: Command | undefined; // of the literal that is streamed in this line

  function remove(command: Command): void {
    commands.delete(command.tag);
  }

  function settle(command: Command): void {
    if (command.answer === undefined || !commands.has(command.tag)) return;
    remove(command);
    const { answer } = command;
    const { status } = answer;
    if (status === 'OK') command.resolve(answer);
    else command.reject(refusal('refused', command.name, { ...answer, status }, { place }));
  }

  return {
    get size() {
      return commands.size;
    },
    get expectsBye() {
      return [...commands.values()].some((command) => command.expectsBye);
    },
    add: (command) => void commands.set(command.tag, command),
    remove,
    get: (tag) => commands.get(tag),
    settle,
    openLiteral(line, size) {
      let found: ReturnType<typeof streamableBody>;
      for (const command of commands.values()) {
        if (command.state === 'queued') return undefined;
        if (command.openBody === undefined) continue;
        const whole = size < (command.streamFrom ?? 0);
        if (whole && command.memoryFor === undefined) continue;
        if (whole) return isAtBody(line) ? command.memoryFor?.(size) : undefined;
        found ??= streamableBody(line);
        if (found === undefined) return undefined;
        const sink = command.openBody(found.uid, size);
        if (sink === undefined) continue;
        owner = command;
        return sink;
      }
      return undefined;
    },
    giveText(line) {
      for (const command of commands.values()) {
        if (command.state === 'queued') return false;
        if (command.onText !== undefined) return command.onText(line);
        if (command.wants?.(A_FETCH) === true) return false;
      }
      return false;
    },
    giveBody(line) {
      // One that was streamed is its taker's, who asks whose it was at the end.
      const body = owner === undefined ? plainBody(line) : undefined;
      if (body === undefined) return false;
      for (const command of commands.values()) {
        if (command.state === 'queued') return false;
        if (command.onBody !== undefined) return command.onBody(body.uid, body.bytes);
        if (command.wants?.(A_FETCH) === true) return false;
      }
      return false;
    },
    give(response) {
      const taker = owner;
      owner = undefined;
      if (taker !== undefined) return taker.onData?.(response);
      // Dovecot runs searches that are pipelined side by side, and says whose each answer is (RFC 4731 section 3.1).
      const named = commands.get(correlator(response) ?? '');
      if (named !== undefined) return named.wants?.(response) === true ? named.onData?.(response) : undefined;
      let earlier = false;
      for (const command of commands.values()) {
        if (command.state === 'queued') return;
        if (!(earlier && command.inTurn === true) && command.wants?.(response) === true) return command.onData?.(response);
        earlier = true;
      }
    },
    fail(error) {
      for (const command of commands.values()) {
        const status = command.answer?.status;
        if (status === 'NO' || status === 'BAD') settle(command);
        else command.reject(error);
      }
      commands.clear();
    },
  };
}

/** `* ESEARCH (TAG "A1") …` */
function correlator(response: Untagged): string | undefined {
  const [first] = response.kind === 'data' && response.name === 'ESEARCH' ? response.tokens : [];
  const tag = first?.kind === 'list' ? first.items[1] : undefined;
  return tag === undefined || tag.kind === 'list' ? undefined : textOf(tag);
}
