/** For tests: the conversation before sign-in, of any protocol, with a client on loopback. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { createClientStream } from './client-stream.ts';
import type { Entry, NamingConversationOptions, Outcome } from './conversing.ts';
import type { Credentials } from './credentials.ts';
import { connection } from './peers.testing.ts';

export type ConversationSetting = {
  readonly transport?: 'clear' | 'tls';
  readonly greet?: boolean;
  /** What becomes of an attempt; by default it is `refused`. */
  readonly enter?: (credentials: Credentials) => Promise<Entry<string>>;
  readonly turnAway?: NamingConversationOptions<string>['turnAway'];
};

type Converse = (options: NamingConversationOptions<string>) => Promise<Outcome<string>>;

/**
 * Begins a conversation and waits for `greeting`. A login name with an asterisk is foreign.
 * @param refused what becomes of an attempt, unless `enter` says otherwise
 */
export async function inConversation(converse: Converse, greeting: string, refused: Entry<string>, { transport = 'tls', greet = true, enter = async () => refused, turnAway = async () => undefined }: ConversationSetting = {}) {
  const { near, far } = await connection();
  const attempts: Credentials[] = [];
  const time = new AbortController();
  const stream = createClientStream(near);
  const outcome = converse({
    stream,
    transport,
    greet,
    foreignName: (login) => login.includes('*'),
    onPlainText: () => {},
    turnAway,
    signal: time.signal,
    enter: (credentials) => (attempts.push(credentials), enter(credentials)),
  });
  outcome.catch(() => {});
  const greeted = await far.sees(greeting);
  const says = async (text: string, answer: string): Promise<string> => (far.send(text), far.sees(answer));
  return { client: far, stream, attempts, outcome, time, says, greeting: greeted };
}

/**
 * Whatever bytes come, the conversation does not fail, and no credentials of bad form get through.
 * @param words of the protocol, one of them a whole sign-in of bad form: without it none would ever come about
 */
export async function fuzzConversation(begin: () => ReturnType<typeof inConversation>, words: readonly string[], numRuns = 60): Promise<void> {
  const piece = fc.oneof(fc.constantFrom(...words), fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1')));
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      const { client, attempts, outcome } = await begin();
      for (const text of pieces) client.send(text);
      client.socket.end();
      await outcome.catch((error: unknown) => expect(error).toMatchObject({ code: 'aborted' }));
      for (const { login, secret } of attempts) expect([/[\p{Cc}*]/u.test(login), secret.includes('\0')]).toEqual([false, false]);
    }),
    { numRuns },
  );
}
