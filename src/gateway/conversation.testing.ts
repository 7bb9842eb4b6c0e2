/** For tests: the conversation before sign-in, of any protocol, with a client on loopback. */
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
