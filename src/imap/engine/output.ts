/**
 * What goes to the server: commands one after the other, each with its literals, from one writing loop.
 *
 * Invariants: bytes of two commands never mix. What the socket holds back goes out without another question, when a
 * process that was stopped goes on: so the end of a command that changes anything is written only when nothing of it is
 * held back any more, and a server does not carry out a command without its end. A synchronising literal
 * is not sent before the server's `+`; when the server answers the command instead, it is not sent at all. A literal
 * that was announced and cannot be completed fails the connection: nothing else ends it. A body is asked for its first
 * bytes before a byte of its command is written, so that one that fails at once costs nothing; what it gave is read no more
 * when it is asked for the next.
 */
import { CausewayError } from '#errors/index.ts';
import { createWriter, type WriterOptions } from './writer.ts';

/**
 * A string is written as it is (and must hold no line end), a Buffer goes as a literal, a body as one that is streamed.
 * `reply` ends the line, awaits the server's `+`, and gives the line to answer it with.
 */
export type Part = string | Buffer | Body | Reply;
export type Body = { readonly size: number; readonly body: AsyncIterable<Buffer> };
export type Reply = { readonly reply: () => string | Promise<string> };

export type Job = {
  readonly tag: string;
  readonly parts: readonly Part[];
  /** It must not reach the server's ears later than `beforeWrite` allows. */
  readonly changes: boolean;
  /** The first byte is about to be written. */
  onStart(): void;
  /** All is written, or the server answered and the rest is not needed. */
  onWritten(): void;
  /** The body failed before anything was written: the command never happened. */
  onAbandoned(error: unknown): void;
};

export type OutputOptions = WriterOptions & {
  /** Whether a literal of this size may follow its mark without the server's `+`. */
  mayFollow(size: number): boolean;
  /** The connection cannot go on. */
  onFailure(error: unknown): void;
};

export type Output = {
  send(job: Job): void;
  /** The server's `+`. False: nothing waits for one. */
  onContinuation(): boolean;
  /** Whether the command with this tag waits for a `+`. */
  awaitsLeave(tag: string): boolean;
  /** For the socket's event. */
  onDrain(): void;
  /** The server answered the command with this tag. */
  onAnswered(tag: string): void;
  /** The next bytes are for a body's source or a reply to give: the server owes nothing for what is behind them. */
  readonly awaitsUs: boolean;
  fail(error: CausewayError): void;
};

type Waiting = {
  readonly tag: string;
  readonly settle: (went: 'on' | 'answered') => void;
  /** What the `+` asks for, when it is not a literal. */
  readonly asked?: Asked;
};
/** A reply that the server waits for, from the turn of its `+` on: what follows may be in the same packet. */
type Asked = { readonly tag: string; answered: boolean; onAnswered(): void };
type Pulled = { readonly piece: IteratorResult<Buffer> } | { readonly error: unknown };

export function createOutput(options: OutputOptions): Output {
  const writer = createWriter(options);
  const { say, gather, isLot, flush, orFailure } = writer;
  const queue: Job[] = [];
  let running = false;
  let waiting: Waiting | undefined;
  let replying: Asked | undefined;
  let awaitsBody = false;

  /** Writes what there is, then waits for `+` (`on`) or for the command's answer. */
  async function goAhead(tag: string, asked?: Asked): Promise<'on' | 'answered'> {
    let went: 'on' | 'answered' | undefined;
    // Listens before it writes: the answer may come while the write waits for the socket.
    waiting = { tag, asked, settle: (how) => (went = how) };
    await flush();
    if (went !== undefined) return went;
    return orFailure((resolve) => {
      waiting = { tag, asked, settle: resolve };
    });
  }

  /** Announces a literal. False: the server refused it. */
  async function announce(tag: string, size: number): Promise<boolean> {
    const follows = options.mayFollow(size);
    say(follows ? `{${size}+}\r\n` : `{${size}}\r\n`);
    return follows || (await goAhead(tag)) === 'on';
  }

  async function writeBody(size: number, first: Pulled, source: AsyncIterator<Buffer>): Promise<void> {
    let left = size;
    for (let pulled = first; ; pulled = await pull(source)) {
      if ('error' in pulled) {
        throw new CausewayError('aborted', 'the source of a literal failed midway', { cause: pulled.error });
      }
      if (pulled.piece.done === true) break;
      left -= pulled.piece.value.length;
      if (left < 0) throw new CausewayError('internal', `a body is longer than its announced ${size} bytes`);
      await writer.putPassing(pulled.piece.value);
    }
    if (left > 0) throw new CausewayError('internal', `a body ended ${left} bytes before its announced ${size}`);
  }

  /** The body's next bytes. What was gathered is written before a wait of any length. */
  async function pull(source: AsyncIterator<Buffer>): Promise<Pulled> {
    const ready: { pulled?: Pulled } = {};
    const coming = settled(source).then((pulled) => (ready.pulled = pulled));
    // A source that has bytes at hand gives them within a few turns; they then share a write with what was gathered.
    for (let turn = 0; turn < 3 && ready.pulled === undefined; turn += 1) await Promise.race([coming, undefined]);
    if (ready.pulled === undefined) await flush();
    if (ready.pulled !== undefined) return ready.pulled;
    awaitsBody = true;
    try {
      return await orFailure<Pulled>((resolve) => void coming.then(resolve));
    } finally {
      awaitsBody = false;
      options.onProgress();
    }
  }

  async function write(job: Job): Promise<void> {
    const sources = new Map<Part, AsyncIterator<Buffer>>();
    const firsts = new Map<Part, Pulled>();
    try {
      for (const part of job.parts) {
        if (!isBody(part)) continue;
        const source = part.body[Symbol.asyncIterator]();
        sources.set(part, source);
        const first = await pull(source);
        if ('error' in first) return job.onAbandoned(first.error);
        firsts.set(part, first);
      }
      job.onStart();
      for (const part of job.parts) {
        if (typeof part === 'string') {
          say(part);
        } else if (Buffer.isBuffer(part) && options.mayFollow(part.length)) {
          // Nothing to wait for: a batch has a hundred of these.
          say(`{${part.length}+}\r\n`);
          if (part.length > 0) gather(part);
        } else if (!(await writePart(job.tag, part, sources, firsts))) {
          return;
        }
        if (isLot()) await flush();
      }
      // Without a fence nobody's time runs out.
      if (job.changes && options.beforeWrite !== undefined) await writer.letGo();
      say(CRLF);
    } finally {
      // Tells the sources that nobody reads on; those that ended take no notice.
      for (const source of sources.values()) void source.return?.().catch(() => {});
    }
  }

  /** False: the server answered the command, so that nothing more of it may be sent. */
  async function writePart(
    tag: string,
    part: Exclude<Part, string>,
    sources: ReadonlyMap<Part, AsyncIterator<Buffer>>,
    firsts: ReadonlyMap<Part, Pulled>,
  ): Promise<boolean> {
    if ('reply' in part) return writeReply(tag, part);
    if (!(await announce(tag, Buffer.isBuffer(part) ? part.length : part.size))) return false;
    if (Buffer.isBuffer(part)) {
      await writer.put(part);
      return true;
    }
    const source = sources.get(part);
    const first = firsts.get(part);
    if (source !== undefined && first !== undefined) await writeBody(part.size, first, source);
    return true;
  }

  async function writeReply(tag: string, { reply }: Reply): Promise<boolean> {
    say(CRLF);
    const asked: Asked = { tag, answered: false, onAnswered() {} };
    if ((await goAhead(tag, asked)) === 'answered') return false;
    try {
      const line = await orFailure<string | undefined>((resolve) => {
        asked.onAnswered = () => resolve(undefined);
        if (asked.answered) resolve(undefined);
        void Promise.resolve(reply()).then(resolve);
      });
      if (line === undefined) return false;
      say(line);
      return true;
    } finally {
      replying = undefined;
      options.onProgress();
    }
  }

  async function run(): Promise<void> {
    try {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        await write(job);
        if (queue.length === 0) await flush();
        job.onWritten();
      }
      running = false;
    } catch (error) {
      options.onFailure(error);
    }
  }

  return {
    send(job) {
      queue.push(job);
      if (running) return;
      running = true;
      // After this turn, so that commands given together share a write.
      queueMicrotask(() => void run());
    },
    onContinuation() {
      // Some servers repeat their `+` while idling.
      if (waiting === undefined) return replying !== undefined;
      const { settle, asked } = waiting;
      waiting = undefined;
      replying = asked;
      settle('on');
      return true;
    },
    awaitsLeave: (tag) => waiting?.tag === tag,
    onDrain() {
      options.onProgress();
      writer.onDrain();
    },
    onAnswered(tag) {
      if (replying?.tag === tag) {
        replying.answered = true;
        replying.onAnswered();
      }
      if (waiting?.tag !== tag) return;
      const { settle } = waiting;
      waiting = undefined;
      settle('answered');
    },
    get awaitsUs() {
      return awaitsBody || replying !== undefined;
    },
    fail(error) {
      queue.length = 0;
      waiting = undefined;
      writer.fail(error);
    },
  };
}

const CRLF = '\r\n';

async function settled(source: AsyncIterator<Buffer>): Promise<Pulled> {
  try {
    return { piece: await source.next() };
  } catch (error) {
    return { error };
  }
}

function isBody(part: Part): part is Body {
  return typeof part === 'object' && !Buffer.isBuffer(part) && 'body' in part;
}
