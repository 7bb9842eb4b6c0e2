/**
 * The small IMAP client that simulated customers use. It shares no code with the gateway or the mover, so that what it
 * sees is evidence.
 *
 * Invariants: one command at a time; every command ends as `OK`, `NO`, `BAD`, or `lost` when the connection went
 * before its tagged answer came.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export type Answer = {
  readonly status: 'OK' | 'NO' | 'BAD' | 'lost';
  /** The tagged line after its status. */
  readonly text: string;
  /** Untagged responses, literals included as raw bytes. */
  readonly untagged: readonly Untagged[];
};

export type Untagged = { readonly line: string; readonly literals: readonly Buffer[] };

export type MailClient = {
  /** Sends `line`; a literal, if given, after the server's `+`. */
  command(line: string, literal?: Buffer): Promise<Answer>;
  /** IDLE until `ms` have passed or the server ends it. */
  idle(ms: number): Promise<Answer>;
  readonly open: boolean;
  close(): void;
};

export type ClientOptions = { readonly host: string; readonly port: number; readonly secure: boolean; readonly timeoutMs: number };

/** Connects and reads the greeting. @returns undefined when there was none, or a BYE (whose text is in `refusal`) */
export function openClient(options: ClientOptions): Promise<{ client?: MailClient; refusal?: string }> {
  const { host, port } = options;
  const socket: Socket = options.secure
    ? connectTls({ host, port, rejectUnauthorized: false })
    : connectTcp({ host, port });
  socket.setNoDelay(true);
  let buffer: Buffer = Buffer.alloc(0);
  let open = true;
  let counter = 0;
  let wake: () => void = () => {};
  const closed = (): void => {
    open = false;
    wake();
  };
  socket.on('error', closed);
  socket.on('close', closed);
  socket.on('end', closed);
  socket.on('data', (chunk: Buffer) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    wake();
  });
  socket.setTimeout(options.timeoutMs, () => socket.destroy());

  const more = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      if (!open) resolve();
    });
  const bytes = async (count: number): Promise<Buffer | undefined> => {
    while (buffer.length < count) {
      if (!open) return undefined;
      await more();
    }
    const taken = buffer.subarray(0, count);
    buffer = buffer.subarray(count);
    return taken;
  };
  const line = async (): Promise<string | undefined> => {
    for (;;) {
      const end = buffer.indexOf('\r\n');
      if (end !== -1) return (await bytes(end + 2))!.toString('latin1', 0, end);
      if (!open) return undefined;
      await more();
    }
  };
  const response = async (): Promise<Untagged | undefined> => {
    let text = '';
    const literals: Buffer[] = [];
    for (;;) {
      const part = await line();
      if (part === undefined) return undefined;
      text += part;
      const mark = /\{(\d+)\}$/.exec(part);
      if (mark === null) return { line: text, literals };
      const literal = await bytes(Number(mark[1]));
      if (literal === undefined) return undefined;
      literals.push(literal);
    }
  };
  const lost: Answer = { status: 'lost', text: '', untagged: [] };

  const finish = async (tag: string, onContinuation: () => void): Promise<Answer> => {
    const untagged: Untagged[] = [];
    for (;;) {
      const got = await response();
      if (got === undefined) return { ...lost, untagged };
      if (got.line.startsWith('+')) onContinuation();
      else if (got.line.startsWith(`${tag} `)) {
        const [, status, text] = /^\S+ (OK|NO|BAD) ?(.*)$/.exec(got.line) ?? [];
        if (status === undefined) return { ...lost, untagged };
        return { status: status as 'OK', text: text ?? '', untagged };
      } else untagged.push(got);
    }
  };

  const client: MailClient = {
    async command(text, literal) {
      if (!open) return lost;
      const tag = `c${(counter += 1)}`;
      socket.write(`${tag} ${text}${literal === undefined ? '' : ` {${literal.length}}`}\r\n`);
      return finish(tag, () => {
        if (literal === undefined) return;
        socket.write(literal);
        socket.write('\r\n');
      });
    },
    async idle(ms) {
      if (!open) return lost;
      const tag = `c${(counter += 1)}`;
      socket.write(`${tag} IDLE\r\n`);
      let timer: NodeJS.Timeout | undefined;
      const answer = await finish(tag, () => {
        timer = setTimeout(() => socket.write('DONE\r\n'), ms);
      });
      clearTimeout(timer);
      return answer;
    },
    get open() {
      return open;
    },
    close: () => socket.destroy(),
  };

  return (async () => {
    const greeting = await line();
    if (greeting === undefined) {
      socket.destroy();
      return {};
    }
    if (greeting.startsWith('* OK')) return { client };
    socket.destroy();
    return { refusal: greeting };
  })();
}
