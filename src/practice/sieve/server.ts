/**
 * The ManageSieve server's command loop (RFC 5804): one session per connection, commands one after the other.
 *
 * Invariants: no bytes from the network end the process. A command is in the access log before it runs. A command that
 * has not come whole is not run.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { CausewayError, messageOf } from '#errors/index.ts';
import { type Line, type Token, textOf } from '#wire/imap/tokens.ts';
import { createImapReader } from '#wire/imap/reader.ts';
import { LINE_LIMIT, parseCommand } from '#wire/sieve/command.ts';
import { encodeString } from '#wire/sieve/string.ts';
import { sessionFailed } from '../events.ts';
import { createOutput } from '../imap/output.ts';
import type { Services } from '../services.ts';
import { isKnown, MOST_BYTES, runCommand } from './commands.ts';
import { no, ok, type Reply, type Session, write } from './session.ts';
import { authenticate } from './sign-in.ts';

/** RFC 5804 section 1.2: at least 30 minutes once signed in. */
const SIGNED_IN_MS = 30 * 60_000;
const BEFORE_MS = 60_000;
/** A client that says nothing right 100 times in a row is none. */
const MOST_BAD = 100;

export async function serveSieve(socket: Socket, port: Session['port'], services: Services): Promise<void> {
  const out = createOutput(socket);
  const id = randomBytes(6).toString('hex');
  const session: Session = { services, id, port, out, line: createLines(socket), user: undefined, scripts: undefined, ending: false, refusals: 0 };
  socket.on('error', () => {});
  socket.setTimeout(BEFORE_MS, () => socket.destroy());
  sayCapabilities(session);
  write(out, ok(`${services.name} is ready.`));
  try {
    for (let bad = 0; !session.ending && bad < MOST_BAD; ) {
      await out.flush();
      const line = await session.line();
      if (line === undefined) break;
      const reply = await answer(session, line);
      write(out, reply);
      bad = reply.status === 'NO' ? bad + 1 : 0;
      socket.setTimeout(session.user === undefined ? BEFORE_MS : SIGNED_IN_MS);
    }
  } catch (error) {
    // Where the next command begins is not known.
    if (!(error instanceof CausewayError)) throw error;
    write(out, { status: 'BYE', text: error.message });
  } finally {
    void out.flush();
    socket.end();
    // A client that does not close its side is not waited for.
    socket.setTimeout(5_000, () => socket.destroy());
    socket.resume();
  }
}

/** Reads whole lines with their literals, on demand. @throws CausewayError 'limit' */
function createLines(socket: Socket): () => Promise<Line | undefined> {
  // One byte more than a script may have: it is read, and refused in words.
  const reader = createImapReader({ line: LINE_LIMIT, literal: 2 * MOST_BYTES });
  const chunks = socket[Symbol.asyncIterator]();
  return async () => {
    const line: Line = [];
    let held: Buffer[] = [];
    for (;;) {
      const piece = reader.read();
      if (piece?.kind === 'text') {
        line.push(Buffer.from(piece.bytes));
        if (piece.literal === undefined) return line;
      } else if (piece?.kind === 'literal') {
        held.push(piece.bytes);
        if (piece.remaining > 0) continue;
        line.push({ literal: Buffer.concat(held) });
        held = [];
      } else {
        const chunk = await chunks.next().catch(() => undefined);
        if (chunk === undefined || chunk.done) return undefined;
        reader.push(chunk.value as Buffer);
      }
    }
  };
}

function sayCapabilities({ out, services, user }: Session): void {
  const lines = [
    ['IMPLEMENTATION', `Practice ${services.name}`],
    ['SASL', user === undefined ? 'PLAIN' : ''],
    ['SIEVE', 'fileinto reject envelope vacation imap4flags copy date relational mailbox'],
    ...(user === undefined ? [] : [['OWNER', user]]),
    ['VERSION', '1.0'],
  ];
  for (const words of lines) {
    out.line(words.map((word) => encodeString(word, 'server').toString('latin1')).join(' '));
  }
}

async function answer(session: Session, line: Line): Promise<Reply> {
  const { services } = session;
  let name = 'unknown';
  try {
    const command = parseCommand(line);
    name = command.name;
    // AUTHENTICATE writes its own line, with the name that it carries. What is no command may be a secret that went astray.
    if (name !== 'AUTHENTICATE') {
      services.log.write({ session: session.id, port: session.port, user: session.user, command: OTHERS.has(name) || isKnown(name) ? name : 'unknown' });
    }
    return await run(session, name, command.args);
  } catch (error) {
    if (error instanceof CausewayError) return no(error.message, error.code === 'conflict' ? 'ALREADYEXISTS' : error.code === 'not-found' ? 'NONEXISTENT' : undefined);
    services.emit(sessionFailed, { platform: services.name, session: session.id, command: name, reason: messageOf(error) });
    return no('Internal error.', 'TRYLATER');
  }
}

const OTHERS = new Set(['CAPABILITY', 'NOOP', 'LOGOUT']);

function run(session: Session, name: string, args: readonly Token[]): Reply | Promise<Reply> {
  switch (name) {
    case 'CAPABILITY':
      sayCapabilities(session);
      return ok('That is all.');
    case 'NOOP': {
      // Section 2.13.
      const [tag] = args;
      return tag === undefined ? ok('Done.') : { status: 'OK', code: `TAG ${encodeString(textOf(tag), 'server').toString('latin1')}`, text: 'Done.' };
    }
    case 'LOGOUT':
      session.ending = true;
      return ok('Goodbye.');
    case 'AUTHENTICATE':
      return session.user === undefined ? authenticate(session, args) : no('Already signed in.');
    default:
      return session.scripts === undefined ? no('Sign in first.') : runCommand(session, session.scripts, name, args);
  }
}
