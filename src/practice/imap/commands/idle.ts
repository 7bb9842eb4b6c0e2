/** IDLE (RFC 2177). */
import type { Command, Session } from '../session.ts';

/** A client that idles and does not read: 1 MiB of notes is more than any mailbox here can make of one change. */
const MOST_WAITING = 1024 * 1024;

export const idle: Command = {
  when: 'after',
  async run(session) {
    const { out, input, view } = session;
    out.line('+ Idling.');
    let due = false;
    tell(session);
    if (view) {
      view.onNote = () => {
        // Once a turn, however many messages one command of another session changes.
        if (!due) setImmediate(() => ((due = false), tell(session)));
        due = true;
      };
    }
    try {
      const piece = await input.piece();
      const done = piece?.kind === 'text' && /^DONE$/i.test(piece.bytes.toString('latin1').trim());
      return done ? 'OK Done.' : 'BAD Expected DONE.';
    } finally {
      if (view) view.onNote = undefined;
    }
  },
};

function tell({ out, view }: Session): void {
  if (!view || out.waiting() > MOST_WAITING) return;
  for (const line of view.changes(true)) out.line(line);
  void out.flush();
}
