/**
 * What a page begins with, in one answer of several lines (#webmail/start/api.ts).
 *
 * Invariants: what is on its way is waited for, not asked for a second time; what does not come is undefined, and is then
 * asked for by whoever wants it.
 */
import type { StartLine } from '#webmail/start/api.ts';
import { ApiError, callLines } from './http.ts';
import type { Session } from './session.ts';
import type { GetAnswer, Mailbox, QueryAnswer } from './types.ts';

type Line<Row> = StartLine<Session, GetAnswer<Mailbox>, QueryAnswer, GetAnswer<Row>>;

export type Started<Row> = {
  readonly session: Session;
  readonly mailboxes: Promise<GetAnswer<Mailbox> | undefined>;
  readonly inbox: Promise<{ readonly page: QueryAnswer; readonly rows: GetAnswer<Row> } | undefined>;
};

let ahead: Promise<GetAnswer<Mailbox> | undefined> | undefined;

/**
 * The mailboxes, where they are on their way; undefined: nobody asked, or they did not come. Once: who asks again has heard
 * that there is news, of which this may be from before.
 */
export function mailboxesAhead(): Promise<GetAnswer<Mailbox> | undefined> | undefined {
  const taken = ahead;
  ahead = undefined;
  return taken;
}

/**
 * Resolves when it is known who is signed in.
 * @param threads whether a conversation is one row of the inbox; undefined: the inbox is not wanted
 * @throws ApiError
 */
export function readStart<Row>(threads: boolean | undefined, signal?: AbortSignal): Promise<Started<Row>> {
  const path = threads === undefined ? '/api/start' : `/api/start?threads=${threads ? 1 : 0}`;
  return new Promise((resolve, reject) => {
    let tellMailboxes: (answer: GetAnswer<Mailbox> | undefined) => void;
    let tellInbox: (answer: Awaited<Started<Row>['inbox']>) => void;
    const mailboxes = new Promise<GetAnswer<Mailbox> | undefined>((tell) => (tellMailboxes = tell));
    const inbox: Started<Row>['inbox'] = new Promise((tell) => (tellInbox = tell));
    ahead = mailboxes;
    const onLine = (line: Line<Row>): void => {
      if ('session' in line) resolve({ session: line.session, mailboxes, inbox });
      else if ('mailboxes' in line) tellMailboxes(line.mailboxes);
      else tellInbox(line.inbox);
    };
    callLines(path, (line) => onLine(line as Line<Row>), { signal })
      .then(() => reject(new ApiError(0, 'unavailable', {}, undefined)), reject)
      .finally(() => {
        tellMailboxes(undefined);
        tellInbox(undefined);
        if (ahead === mailboxes) ahead = undefined;
      });
  });
}
