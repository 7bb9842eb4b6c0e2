/**
 * EmailSubmission/get, /changes, /query and /queryChanges (RFC 8621 sections 7.1 to 7.4): those that were made lately. A
 * server may forget a submission that is final; this one does after some hundred, and when it is started anew; what was
 * held is known for a week.
 */
import * as z from 'zod';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { changesBetween } from '../jmap/changes.ts';
import { MethodError } from '../jmap/errors.ts';
import { matches, parseFilter } from '../jmap/filter.ts';
import { askedIds, getArguments, pick } from '../jmap/get.ts';
import { utcDate, utcDateSchema } from '../jmap/id.ts';
import type { Submitted } from '../mail-access.ts';
import type { Method } from '../jmap/process.ts';
import { SUBMISSION } from './capabilities.ts';
import { changesMethod } from './changes-method.ts';
import type { MailContext } from './context.ts';
import { answerFew, fewArguments, fewQueryChanges } from './few.ts';
import { digest } from './states.ts';

export type Submission = Readonly<Record<string, unknown>> & { readonly id: string; readonly emailId: string; readonly identityId: string; readonly threadId: string | null; readonly undoStatus: string; readonly sendAt: string };

const conditionSchema = z.strictObject({
  identityIds: z.array(z.string()).optional(),
  emailIds: z.array(z.string()).optional(),
  threadIds: z.array(z.string()).optional(),
  undoStatus: z.string().optional(),
  before: utcDateSchema.optional(),
  after: utcDateSchema.optional(),
});
type Condition = z.infer<typeof conditionSchema>;

async function all({ access }: MailContext): Promise<Submission[]> {
  const held = (await access.outbox?.list()) ?? [];
  return [...(access.memory.submissions.values() as Iterable<Submission>), ...held.map(submissionOf).toReversed()];
}

/** RFC 8621 section 7. Of what a platform took nobody here learns more. */
export function submissionOf({ id, emailId, identityId, threadId, mailFrom, rcptTo, sendAt, undoStatus, answer }: Submitted): Submission {
  const status = answer === undefined ? null : { smtpReply: answer.reply, delivered: answer.isRefused ? 'no' : 'unknown', displayed: 'unknown' };
  return {
    id,
    emailId,
    identityId,
    threadId,
    undoStatus,
    sendAt: utcDate(sendAt.getTime()),
    deliveryStatus: status === null ? null : Object.fromEntries(rcptTo.map((email) => [email, status])),
    dsnBlobIds: [],
    mdnBlobIds: [],
    envelope: { mailFrom: { email: mailFrom, parameters: null }, rcptTo: rcptTo.map((email) => ({ email, parameters: null })) },
  };
}

/** Names what there is, so that changes can be told for as long as the state is remembered. */
export async function submissionState(context: MailContext): Promise<string> {
  return stateOf(await all(context), context);
}

function stateOf(now: readonly Submission[], context: MailContext): string {
  const facts = now.map((one) => [one.id, JSON.stringify(one)] as const);
  const state = digest(facts);
  context.access.memory.states.set(`u${state}`, new Map(facts));
  return state;
}

export const submissionGet: Method<MailContext> = {
  capability: SUBMISSION,
  async run(given, context, call) {
    const args = parseArguments(getArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    const now = await all(context);
    const ids = args.ids == null ? now.map(({ id }) => id) : askedIds(args.ids, call.createdIds, context.limits);
    const found = ids.map((id) => now.find((one) => one.id === id));
    return { accountId: args.accountId, state: stateOf(now, context), list: found.flatMap((one) => (one === undefined ? [] : [pick(one, args.properties)])), notFound: ids.filter((_, index) => found[index] === undefined) };
  },
};

export const submissionChanges = changesMethod(SUBMISSION, async (sinceState, context) => {
  const { states } = context.access.memory;
  const newState = await submissionState(context);
  const before = states.get(`u${sinceState}`) as ReadonlyMap<string, string> | undefined;
  const now = states.get(`u${newState}`) as ReadonlyMap<string, string>;
  if (before === undefined) throw new MethodError('cannotCalculateChanges');
  return { newState, changes: changesBetween(before, now, (a, b) => a === b) };
});

export const submissionQuery: Method<MailContext> = {
  capability: SUBMISSION,
  async run(given, context) {
    const args = parseArguments(fewArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    const filter = parseFilter(args.filter, (condition) => parseArguments(conditionSchema, condition));
    if (args.sort?.some(({ property }) => !['emailId', 'threadId', 'sentAt'].includes(property)) === true) throw new MethodError('unsupportedSort');
    const keyOf = (one: Submission, property: string): string => String(property === 'sentAt' ? one.sendAt : one[property]);
    const found = (await all(context)).filter((one) => matches(filter, (condition) => test(condition, one)));
    return answerFew(args, found, (a, b, property) => (keyOf(a, property) < keyOf(b, property) ? -1 : Number(keyOf(a, property) > keyOf(b, property))));
  },
};

export const submissionQueryChanges = fewQueryChanges(SUBMISSION);

function test({ identityIds, emailIds, threadIds, undoStatus, before, after }: Condition, one: Submission): boolean {
  if (identityIds !== undefined && !identityIds.includes(one.identityId)) return false;
  if (emailIds !== undefined && !emailIds.includes(one.emailId)) return false;
  if (threadIds !== undefined && !threadIds.includes(one.threadId ?? '')) return false;
  if (undoStatus !== undefined && undoStatus !== one.undoStatus) return false;
  if (before !== undefined && Date.parse(one.sendAt) >= Date.parse(before)) return false;
  return after === undefined || Date.parse(one.sendAt) >= Date.parse(after);
}
