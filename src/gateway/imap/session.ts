/**
 * A signed-in IMAP client and its platform: what of a session is IMAP's own. All else is in `../splice.ts`.
 *
 * Invariants: LOGOUT of ours, and DONE before it, never stand inside a command. When the client went in the middle of one, the
 * platform sees only the end of the connection: what is not whole is not executed.
 */
import { LOST, type Speak } from '../speech.ts';
import { type Session, type SessionOptions, splice } from '../splice.ts';
import { longestOpenLiteral } from './capability.ts';
import { createClientFramer } from './client-framer.ts';
import { createServerFramer } from './server-framer.ts';

/** RFC 9051 section 5.4 asks for at least 30 minutes; clients renew IDLE after 29. */
const IDLE_MS = 35 * 60_000;
/**
 * A client went and left a command running: holds of the account wait for its end. A large COPY takes minutes; a
 * platform that says nothing for this long is dead, and its connection is taken down.
 */
const LEAVE_MS = 10 * 60_000;

const LOGOUT_TAG = 'BYE1';

export const createImapSession = (options: SessionOptions): Session => splice(speakImap, options);

const speakImap: Speak = (queue, { socket, capabilities }) => {
  const commands = createClientFramer({ queue, openLiteral: longestOpenLiteral(capabilities) });
  const answers = createServerFramer({ continued: () => commands.continued(), tagged, bye: () => void (saidBye = true) });
  let leaving: 'idle' | 'logout' | undefined; // what the platform was told
  let saidBye = false;
  let outOfStep = false;

  function tagged(tag: string): void {
    if (leaving === 'logout' && tag === LOGOUT_TAG) socket.end();
    else if (!commands.tagged(tag)) outOfStep = true;
    if (leaving === 'idle' && commands.outstanding() === 0) logout();
  }

  function logout(): void {
    leaving = 'logout';
    socket.write(`${LOGOUT_TAG} LOGOUT\r\n`);
  }

  return {
    commands,
    answers,
    idleMs: IDLE_MS,
    leaveMs: () => LEAVE_MS,
    outOfStep() {
      return outOfStep;
    },
    leave() {
      if (commands.midCommand()) {
        socket.end();
      } else if (commands.idling()) {
        commands.leaveIdle();
        leaving = 'idle';
        socket.write('DONE\r\n');
      } else {
        logout();
      }
    },
    farewell: (text) => `* BYE ${text}`,
    lost: `[UNAVAILABLE] ${LOST}`,
    partable() {
      return saidBye;
    },
  };
};
