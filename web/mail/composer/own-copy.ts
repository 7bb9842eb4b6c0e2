/**
 * The copy in the browser of one message that is being written (copies.ts).
 *
 * Invariant: what the platform does not have yet is in it a moment after it was typed, and until it is sent.
 */
import { closed, copies, opened } from './copies.ts';
import type { Message } from './message.ts';

/** Keys within it are one write to the browser's disk. */
const COPY_MS = 400;

export type Written = { readonly message: Message; /** The draft at the platform. */ readonly emailId: string | undefined; readonly isSaved: boolean };

export type OwnCopy = {
  soon(): void;
  now(): void;
  /** Saved, and not sent: a tab that dies now has not sent it. */
  untilSent(message: Message, emailId: string): void;
  /** All is at the platform, or nothing is to be kept. */
  end(): void;
};

export function createOwnCopy(id: string, messageId: string, written: () => Written): OwnCopy {
  let timer: ReturnType<typeof setTimeout> | undefined;
  opened(id);

  function cancel(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  function now(): void {
    cancel();
    const { message, emailId, isSaved } = written();
    if (isSaved && emailId === undefined) return;
    copies().keep({ id, at: Date.now(), message: isSaved ? undefined : message, emailId, messageId, subject: message.subject });
  }

  return {
    soon: () => void (timer ??= setTimeout(now, COPY_MS)),
    now,
    untilSent(message, emailId) {
      cancel();
      copies().keep({ id, at: Date.now(), message, emailId, messageId, subject: message.subject });
    },
    end() {
      cancel();
      copies().forget(id);
      closed(id);
    },
  };
}
