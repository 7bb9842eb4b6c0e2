/**
 * The commands that were given and are not answered yet, and whose the server's answers are.
 *
 * Invariants: a command's promise settles once. Untagged data go to the oldest command that wants them, since a server
 * answers in order; what nobody wants is dropped. A line with a streamed literal goes to the command that took it.
 */
import { CausewayError } from '#errors/index.ts';
import type { Response } from '#wire/imap/response.ts';
import type { Line } from '#wire/imap/tokens.ts';
import { refusal, type Tagged } from '../refusal.ts';
import { streamableBody } from './fetch-response.ts';
import type { LiteralSink } from './input.ts';
import type { Part } from './output.ts';

export type Untagged = Extract<Response, { kind: 'status' | 'data' }>;

export type CommandSpec = {
  /** For messages: no argument in it. */
  readonly name: string;
  readonly parts: readonly Part[];
  /** Whether untagged data are this command's. Absent: it wants none. */
  readonly wants?: (response: Untagged) => boolean;
  /** Gets what it wants. A promise holds the input until it settles; one that rejects fails the connection. */
  readonly onData?: (response: Untagged) => void | Promise<void>;
  /** Takes BODY[] literals as they arrive; undefined: this one is not its own. */
  readonly openBody?: (uid: number | undefined, size: number) => LiteralSink | undefined;
  /** Literals below this are not offered to `openBody` but kept, and come with their line to `onData`. Absent: none. */
  readonly streamFrom?: number;
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
  openLiteral(line: Line, size: number): LiteralSink | undefined;
  /** A line that is not tagged has ended. */
  give(response: Untagged): void | Promise<void>;
  fail(error: CausewayError): void;
};

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
        if (command.openBody === undefined || size < (command.streamFrom ?? 0)) continue;
        found ??= streamableBody(line);
        if (found === undefined) return undefined;
        const sink = command.openBody(found.uid, size);
        if (sink === undefined) continue;
        owner = command;
        return sink;
      }
      return undefined;
    },
    give(response) {
      const taker = owner;
      owner = undefined;
      if (taker !== undefined) return taker.onData?.(response);
      for (const command of commands.values()) {
        if (command.state === 'queued') return;
        if (command.wants?.(response) === true) return command.onData?.(response);
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
