/**
 * The POP3 server's command loop (RFC 1939, RFC 2449): one session per connection, commands one after the other.
 *
 * Invariants: no bytes from the network end the process. A command is in the access log before it runs. A connection
 * that ends without QUIT deletes nothing, and gives its maildrop free.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { messageOf } from '#errors/index.ts';
import { argumentsOf, type Command, parseCommand } from '#wire/pop3/command.ts';
import { sessionFailed } from '../events.ts';
import { createOutput } from '../imap/output.ts';
import { createLines } from '../lmtp/lines.ts';
import type { Services } from '../services.ts';
import { isKnown, runCommand } from './commands.ts';
import type { Reply, Session } from './session.ts';
import { authPlain, nameUser, presentSecret } from './sign-in.ts';

/** RFC 1939 section 3: at least ten minutes once signed in. */
const SIGNED_IN_MS = 10 * 60_000;
const BEFORE_MS = 60_000;
/** A client that says nothing right 100 times in a row is none. */
const MOST_BAD = 100;

const CAPABILITIES = ['TOP', 'UIDL', 'USER', 'SASL PLAIN', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', 'EXPIRE NEVER', 'IMPLEMENTATION Practice'];

/** Gives the function that serves a connection; those of one platform share the locks of its maildrops. */
export function createPop3(services: Services): (socket: Socket, port: Session['port']) => Promise<void> {
  const locks = new Set<string>();
  return async (socket, port) => {
    const lines = createLines(socket);
    const out = createOutput(socket);
    const id = randomBytes(6).toString('hex');
    const session: Session = { services, id, port, out, locks, named: undefined, user: undefined, maildrop: undefined, ending: false, refusals: 0 };
    socket.on('error', () => {});
    socket.setTimeout(BEFORE_MS, () => socket.destroy());
    out.line(`+OK ${services.name} is ready.`);
    try {
      for (let bad = 0; !session.ending && bad < MOST_BAD; ) {
        await out.flush();
        const line = await lines.next();
        if (line === undefined) break;
        const reply = await answer(session, line);
        if (reply !== undefined) out.line(reply);
        bad = reply?.startsWith('-ERR') ? bad + 1 : 0;
        socket.setTimeout(session.user === undefined ? BEFORE_MS : SIGNED_IN_MS);
      }
    } finally {
      session.maildrop?.close();
      if (session.user !== undefined) locks.delete(session.user);
      void out.flush();
      socket.end();
      // A client that does not close its side is not waited for.
      socket.setTimeout(5_000, () => socket.destroy());
      socket.resume();
    }
  };
}

async function answer(session: Session, line: string): Promise<Reply> {
  const command = parseCommand(Buffer.from(line));
  // PASS and AUTH write their own line, with the name that they carry.
  if (command?.name !== 'PASS' && command?.name !== 'AUTH') {
    const name = command !== undefined && isKnown(command.name) ? command.name : 'unknown';
    session.services.log.write({ session: session.id, port: session.port, user: session.user, command: name });
  }
  if (command === undefined) return '-ERR That is no command.';
  try {
    return await run(session, command);
  } catch (error) {
    const reason = messageOf(error);
    session.services.emit(sessionFailed, { platform: session.services.name, session: session.id, command: command.name, reason });
    return '-ERR [SYS/TEMP] Internal error.';
  }
}

function run(session: Session, command: Command): Reply | Promise<Reply> {
  const rest = command.rest?.toString() ?? '';
  if (command.name === 'CAPA') return ['+OK', ...CAPABILITIES, '.'].join('\r\n');
  if (session.maildrop !== undefined) return runCommand(session, session.maildrop, command);
  switch (command.name) {
    case 'USER':
      return nameUser(session, rest.trim());
    case 'PASS':
      return presentSecret(session, rest);
    case 'AUTH':
      return authPlain(session, argumentsOf(command));
    case 'QUIT':
      session.ending = true;
      return '+OK Goodbye.';
    default:
      return '-ERR Sign in first.';
  }
}
