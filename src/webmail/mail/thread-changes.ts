/**
 * Thread/changes (RFC 8621 section 3.2): a thread changes when an email comes to it, goes from it, or is moved, since those
 * in junk and trash do not count while there are others.
 *
 * Invariant: what is told is all that changed, or `cannotCalculateChanges` is: which thread an email belonged to that went
 * is known only of what went through us.
 */
import type { Changes } from '../jmap/changes.ts';
import { MethodError } from '../jmap/errors.ts';
import { MAIL } from './capabilities.ts';
import { changesMethod } from './changes-method.ts';
import type { MailContext } from './context.ts';
import { emailChangesSince } from './email-changes.ts';
import { getEmails } from './email-get.ts';
import { wantsOf } from './email-properties.ts';
import { emailState, rememberedEmailState } from './states.ts';
import { findThreads } from './thread-get.ts';

/** Each 50 are a search of all mailboxes. */
const MOST_CHANGED = 200;

export const threadChanges = changesMethod(MAIL, async (sinceState, context) => {
  const newState = await emailState(context);
  return { newState, changes: await threadChangesSince(sinceState, newState, context) };
});

async function threadChangesSince(sinceState: string, newState: string, context: MailContext): Promise<Changes> {
  const { changes, moved } = await emailChangesSince(sinceState, newState, context);
  const came = new Set(changes.created);
  const emails = await getEmails([...came, ...moved], wantsOf({ properties: ['threadId'] }), context);
  const lost = threadsOf(changes.destroyed, sinceState, context);
  const touched = [...new Set([...[...emails.values()].map(({ threadId }) => String(threadId)), ...lost])];
  if (touched.length > MOST_CHANGED) throw new MethodError('cannotCalculateChanges');
  const answer: Changes = { created: [], updated: [], destroyed: [] };
  const now = await findThreads(touched, context);
  for (const threadId of touched) {
    const found = now.get(threadId) ?? [];
    const wasThere = lost.has(threadId) || found.some(({ emailId }) => !came.has(emailId));
    if (found.length > 0) answer[wasThere ? 'updated' : 'created'].push(threadId);
    else if (wasThere) answer.destroyed.push(threadId);
  }
  return answer;
}

/** Of emails that are gone. Throws MethodError. */
function threadsOf(destroyed: readonly string[], sinceState: string, context: MailContext): Set<string> {
  const own = context.access.memory.ownChanges.since(rememberedEmailState(context, sinceState)?.after);
  const known = new Map(own?.flatMap(({ id, threadId }) => (threadId === undefined ? [] : [[id, threadId] as const])));
  const threads = destroyed.map((id) => known.get(id));
  if (threads.includes(undefined)) throw new MethodError('cannotCalculateChanges');
  return new Set(threads as string[]);
}
