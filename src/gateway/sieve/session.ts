/**
 * A signed-in ManageSieve client and its platform: what of a session is ManageSieve's own. All else is in `../splice.ts`.
 *
 * Invariants: it is cut in a hold as IMAP's sessions are: a script that is stored at the source after its scripts were
 * copied would be lost. LOGOUT of ours never stands inside a command. When the client went in the middle of one, the
 * platform sees only the end of the connection: what is not whole is not executed.
 */
import { encodeString } from '#wire/sieve/string.ts';
import { LOST, type Speak } from '../speech.ts';
import { type Session, type SessionOptions, splice } from '../splice.ts';
import { createClientFramer } from './client-framer.ts';
import { createServerFramer } from './server-framer.ts';

/** RFC 5804 section 1.2 asks for at least 30 minutes. */
const IDLE_MS = 35 * 60_000;
/** A client went and left a command running: a large script is compiled within seconds. Holds of the account wait for it. */
const LEAVE_MS = 60_000;

export const createSieveSession = (options: SessionOptions): Session => splice(speakSieve, options);

const speakSieve: Speak = (queue, { socket }) => {
  const commands = createClientFramer({ queue });
  const answers = createServerFramer(commands);
  return {
    commands,
    answers,
    outOfStep: () => false, // the framer throws
    idleMs: IDLE_MS,
    leaveMs: () => LEAVE_MS,
    leave() {
      if (commands.midCommand() || commands.leaving) socket.end();
      else socket.end('LOGOUT\r\n');
    },
    farewell: (text) => `BYE (TRYLATER) ${encodeString(text, 'server').toString('latin1')}`,
    lost: LOST,
    partable() {
      return answers.saidBye || commands.leaving;
    },
  };
};
