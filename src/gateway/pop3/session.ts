/**
 * A signed-in POP3 client and its platform: what of a session is POP3's own. All else is in `../splice.ts`.
 *
 * Invariants: QUIT of ours goes to a platform only where it can commit nothing: no message was read or marked. A client
 * that goes without QUIT deletes nothing (RFC 1939 section 6): the platform sees its end. A session is never cut once it has
 * fetched or marked a message (see the client framer's `quiet`).
 */
import { LOST, type Speak } from '../speech.ts';
import { type Session, type SessionOptions, splice } from '../splice.ts';
import { createClientFramer } from './client-framer.ts';
import { createServerFramer } from './server-framer.ts';

/** RFC 1939 section 3 asks for at least 10 minutes. */
const IDLE_MS = 15 * 60_000;
/** A client went with its QUIT under way: the platform may be deleting ten thousand messages. Holds wait for its end. */
const QUIT_MS = 10 * 60_000;
/** Nothing but reading was under way: a platform that does not take notice of our end is left. */
const LEAVE_MS = 5_000;

export const createPop3Session = (options: SessionOptions): Session => splice(speakPop3, options);

const speakPop3: Speak = (queue, { socket, capabilities, uidls }) => {
  const commands = createClientFramer({ queue, pipelining: capabilities.has('PIPELINING') });
  return {
    commands,
    answers: createServerFramer(commands, uidls),
    outOfStep: () => false, // the framer throws
    idleMs: IDLE_MS,
    leaveMs() {
      return commands.quitting() ? QUIT_MS : LEAVE_MS;
    },
    leave() {
      if (commands.mayQuit()) socket.end('QUIT\r\n');
      else if (!commands.quitting()) socket.end();
    },
    farewell: (text) => `-ERR [SYS/TEMP] ${text}`,
    lost: LOST,
    partable() {
      return commands.expected() === undefined;
    },
  };
};
