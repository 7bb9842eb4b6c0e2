/**
 * A signed-in submission client and its platform: what of a session is submission's own. All else is in `../splice.ts`.
 *
 * Invariants: from DATA to the answer to its message a session is not ended by us: the platform may take the message, and
 * a client that is not told sends it again. Whether a hold waits for such a session is said in `../in-holds.ts`.
 */
import { LOST, type Speech } from '../speech.ts';
import { type Session, type SessionOptions, splice } from '../splice.ts';
import { type ClientFramer, createClientFramer } from './client-framer.ts';
import { createServerFramer } from './server-framer.ts';

/** RFC 5321 section 4.5.3.2: a server takes up to 10 minutes to answer a message, a client is given 5 for each command. */
const IDLE_MS = 15 * 60_000;
/** A client went when its message had been sent: where copies are written a hold waits for its end. */
const MESSAGE_MS = 10 * 60_000;
/** Nothing was under way that the platform could take: one that does not take notice of our end is left. */
const LEAVE_MS = 5_000;

export function createSubmissionSession(options: SessionOptions): Session {
  let commands: ClientFramer;
  let endText: string | undefined; // to be said once no message is under way

  const session = splice(
    (queue, { socket, capabilities }): Speech => {
      commands = createClientFramer({ queue, pipelining: capabilities.has('PIPELINING') });
      const answered = (code: number): void => {
        commands.answered(code);
        // The answer is passed on in this turn; the end comes behind it.
        if (endText !== undefined) queueMicrotask(endInTurn);
      };
      return {
        commands,
        answers: createServerFramer({
          expected() {
            return commands.expected();
          },
          get sending() {
            return commands.sending;
          },
          answered,
        }),
        outOfStep: () => false, // the framers throw
        idleMs: IDLE_MS,
        leaveMs() {
          return commands.inMessage && !commands.sending ? MESSAGE_MS : LEAVE_MS;
        },
        leave() {
          if (commands.mayQuit()) socket.end('QUIT\r\n');
          else socket.end(); // what is not whole is not taken
        },
        farewell: (text) => `421 4.3.2 ${text}`,
        lost: LOST,
        partable() {
          return commands.expected() === undefined && !commands.inMessage;
        },
      };
    },
    options,
  );

  function endInTurn(): void {
    if (endText !== undefined && !commands.inMessage) session.end(endText);
  }

  return {
    ...session,
    end(text) {
      endText = text;
      commands.stop();
      endInTurn();
    },
  };
}
