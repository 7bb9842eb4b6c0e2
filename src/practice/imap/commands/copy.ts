/** COPY, and MOVE (RFC 6851), with COPYUID (RFC 4315). */
import { formatSequenceSet, parseSequenceSet } from '#wire/imap/sequence-set.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';
import type { Mailbox, Message } from '../../maildir/mailbox.ts';
import { accountOf, type Command, diskNameIn, expectArguments, overQuota, type Reply, type Session, viewOf } from '../session.ts';

export function copy(byUid: boolean): Command {
  return {
    when: 'selected',
    run(session, args) {
      const { messages, target, reply } = prepare(session, args, byUid);
      if (reply !== undefined) return reply;
      const { mailbox } = viewOf(session);
      const refusal = overQuota(session, messages.reduce((sum, message) => sum + mailbox.sizeOf(message), 0));
      if (refusal !== undefined) return refusal;
      const added = transfer(mailbox, messages, target);
      return `OK [${copyUid(target, messages, added)}] Copied.`;
    },
  };
}

export function move(byUid: boolean): Command {
  return {
    when: 'selected',
    run(session, args) {
      const view = viewOf(session);
      if (view.readOnly) return 'NO [READ-ONLY] The mailbox is read-only.';
      const { messages, target, reply } = prepare(session, args, byUid);
      if (reply !== undefined) return reply;
      const added = transfer(view.mailbox, messages, target);
      view.mailbox.remove(new Set(messages));
      // Before the EXPUNGE lines, as RFC 6851 4.3 recommends.
      session.out.line(`* OK [${copyUid(target, messages, added)}] Moved.`);
      return 'OK Moved.';
    },
  };
}

type Prepared = { messages: Message[]; target: Mailbox; reply?: Reply };

function prepare(session: Session, args: readonly Token[], byUid: boolean): Prepared {
  expectArguments(args, 2);
  const view = viewOf(session);
  const numbers = view.resolve(parseSequenceSet(textOf(args[0])), byUid);
  const messages = numbers.map((number) => view.messages()[number - 1] as Message);
  const target = accountOf(session).open(diskNameIn(session, args[1]));
  const present = messages.filter((message) => !message.gone);
  if (present.length < messages.length && !byUid) return { messages, target, reply: 'NO [EXPUNGEISSUED] Some of the messages are gone.' };
  return present.length === 0 ? { messages, target, reply: 'OK There are no such messages.' } : { messages: present, target };
}

/** All or nothing: a failure on the way takes back what was done (RFC 3501 6.4.7). */
function transfer(source: Mailbox, messages: readonly Message[], target: Mailbox): Message[] {
  const names = messages.map((message) => source.keywords.flags(message.flags));
  target.keywords.bits([...new Set(names.flat())]);
  const added: Message[] = [];
  try {
    messages.forEach((message, index) => {
      const flags = target.keywords.bits(names[index] ?? []);
      const file = source.pathOf(message);
      added.push(target.add({ file, size: source.sizeOf(message), by: 'copy', flags, seconds: source.secondsOf(message) }));
    });
  } catch (error) {
    target.remove(new Set(added));
    throw error;
  }
  return added;
}

function copyUid(target: Mailbox, from: readonly Message[], to: readonly Message[]): string {
  const uids = (messages: readonly Message[]): string => formatSequenceSet(messages.map(({ uid }) => uid));
  return `COPYUID ${target.uidValidity} ${uids(from)} ${uids(to)}`;
}
