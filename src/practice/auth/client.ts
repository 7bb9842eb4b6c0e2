/**
 * The platform's side of its authentication back end.
 *
 * Invariants: a connection that cannot be made or that breaks ends every open question at once, one without an answer
 * ends after 30 s, both as `unavailable`; only the back end's own word is a yes or a no. It connects anew at the next
 * question, so it needs no notice that the back end is back. Open questions are bounded by the platform's sessions.
 */
import { connect, type Socket } from 'node:net';
import type { Clock } from '#events/clock.ts';
import type { Answer, Question } from './back-end.ts';
import { onJsonLines } from './json-lines.ts';

/** What Dovecot's auth client waits is 30 s too (`auth_client_request_timeout` counted from the last answer). */
const ANSWER_WITHIN_MS = 30_000;

export type Outcome = 'yes' | 'no' | 'unavailable';
export type AuthClient = {
  check(user: string, secret: string, master: boolean): Promise<Outcome>;
  close(): void;
};

export function createAuthClient(socketPath: string, clock: Clock): AuthClient {
  const open = new Map<number, (outcome: Outcome) => void>();
  let socket: Socket | undefined;
  let last = 0;

  function connected(): Socket {
    if (socket) return socket;
    const fresh = connect(socketPath);
    socket = fresh;
    const mine = new Set<number>();
    onJsonLines(fresh, (value) => {
      const { id, ok } = value as Answer;
      open.get(id)?.(ok ? 'yes' : 'no');
    });
    fresh.on('error', () => {});
    fresh.on('close', () => {
      if (socket === fresh) socket = undefined;
      for (const id of mine) open.get(id)?.('unavailable');
    });
    questionsOf.set(fresh, mine);
    return fresh;
  }
  const questionsOf = new WeakMap<Socket, Set<number>>();

  return {
    check(user, secret, master) {
      const line = connected();
      last += 1;
      const question: Question = { id: last, user, secret, master };
      const ended = new AbortController();
      return new Promise((resolve) => {
        questionsOf.get(line)?.add(question.id);
        open.set(question.id, (outcome) => {
          open.delete(question.id);
          questionsOf.get(line)?.delete(question.id);
          ended.abort();
          resolve(outcome);
        });
        line.write(`${JSON.stringify(question)}\n`);
        clock.sleep(ANSWER_WITHIN_MS, ended.signal).then(
          () => open.get(question.id)?.('unavailable'),
          () => {},
        );
      });
    },
    close() {
      socket?.destroy();
    },
  };
}
