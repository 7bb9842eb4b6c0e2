/**
 * EmailSubmission/set (RFC 8621 section 7.5).
 *
 * Invariants: what is sent is the email as it is stored, without Bcc; nobody is written as but the account's own addresses.
 * A submission is final when it is made, unless its envelope asks for some seconds to think again (HOLDFOR, RFC 4865) and
 * they can be kept: then it is pending, can be canceled, and lies among the drafts until it is sent; only then is done what
 * onSuccess… asks for. An email that is gone by then is not sent.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { CausewayError } from '#errors/index.ts';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { invalidProperties, SetError } from '../jmap/errors.ts';
import { realId } from '../jmap/get.ts';
import type { Method } from '../jmap/process.ts';
import { runSet, setShape } from '../jmap/set.ts';
import { parseAddresses } from '../mime/addresses.ts';
import { bodyStart, type Field, lastOf, parseFields } from '../mime/fields.ts';
import { readBlob } from './blob-read.ts';
import { MOST_HELD_SECONDS, SUBMISSION } from './capabilities.ts';
import type { MailContext } from './context.ts';
import { isEmailId, threadIdOf } from './email-id.ts';
import { identities } from './identity.ts';
import { submissionOf, type Submission, submissionState } from './submission-list.ts';
import type { Filing, SmtpEnvelope } from '../mail-access.ts';
import { threadRoot } from './thread-root.ts';

/** Submission servers take 100 to 1,000 at once. */
const MOST_RECIPIENTS = 500;

const smtpAddress = z.object({ email: z.string(), parameters: z.record(z.string(), z.string().nullable()).nullish() });
const submissionSchema = z.strictObject({
  identityId: z.string(),
  emailId: z.string(),
  envelope: z.object({ mailFrom: smtpAddress, rcptTo: z.array(smtpAddress) }).nullish(),
});
const object = z.record(z.string(), z.unknown());
const submissionArguments = z.strictObject({ ...setShape, onSuccessUpdateEmail: z.record(z.string(), object).nullish(), onSuccessDestroyEmail: z.array(z.string()).nullish() });

export const submissionSet: Method<MailContext> = {
  capability: SUBMISSION,
  async run(given, context, call) {
    const { onSuccessUpdateEmail, onSuccessDestroyEmail, ...args } = parseArguments(submissionArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    const { submissions } = context.access.memory;
    const emails = new Map<string, string>(); // creation id → email id
    const answer = await runSet(
      args,
      {
        async create(properties) {
          const creationId = Object.entries(args.create ?? {}).find(([, value]) => value === properties)?.[0];
          const name = `#${creationId}`;
          const update = onSuccessUpdateEmail?.[name];
          const filing = { ...(update === undefined ? {} : { update }), destroy: onSuccessDestroyEmail?.includes(name) === true };
          const submission = await submit(properties, call.createdIds, filing, context);
          if (submission.undoStatus === 'final') emails.set(name, submission.emailId);
          return submission;
        },
        async update(id, patch) {
          const held = (await context.access.outbox?.list())?.find((one) => one.id === id);
          if (held === undefined && !submissions.has(id)) throw new SetError('notFound');
          if (patch['undoStatus'] !== 'canceled' || Object.keys(patch).length !== 1) throw invalidProperties(Object.keys(patch));
          if (held === undefined || (held.undoStatus !== 'canceled' && !(await context.access.outbox?.cancel(id)))) throw new SetError('cannotUnsend', 'The message is on its way.');
          emails.set(id, held.emailId);
          return null;
        },
        async destroy(id) {
          if (!submissions.delete(id)) throw new SetError('notFound');
        },
      },
      { limits: context.limits, createdIds: call.createdIds, onFault: context.onFault, state: () => submissionState(context) },
    );
    const update = Object.entries(onSuccessUpdateEmail ?? {}).flatMap(([id, patch]) => (emails.has(id) ? [[emails.get(id), patch] as const] : []));
    const destroy = (onSuccessDestroyEmail ?? []).flatMap((id) => emails.get(id) ?? []);
    if (update.length > 0 || destroy.length > 0) call.alsoRun('Email/set', { accountId: args.accountId, update: Object.fromEntries(update), destroy });
    return answer;
  },
};

async function submit(properties: Record<string, unknown>, createdIds: ReadonlyMap<string, string>, filing: Filing, context: MailContext): Promise<Submission> {
  const { access } = context;
  const parsed = submissionSchema.safeParse(properties);
  if (!parsed.success) throw invalidProperties([...new Set(parsed.error.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [String(issue.path[0])])))]);
  if (access.submit === undefined) throw new SetError('forbiddenToSend', 'Nothing can be sent here.');
  const emailId = realId(parsed.data.emailId, createdIds);
  const identity = (await identities(context)).find(({ id }) => id === realId(parsed.data.identityId, createdIds));
  if (identity === undefined) throw invalidProperties(['identityId']);
  const blob = !isEmailId(emailId) ? undefined : await readBlob(emailId, context);
  if (blob === undefined) throw invalidProperties(['emailId']);
  const fields = fieldsOf(blob.bytes);
  const from = parseAddresses(lastOf(fields, 'from') ?? '');
  const own = new Set(access.loginNames.map((name) => name.toLowerCase()));
  if (from.length === 0) throw new SetError('invalidEmail', 'The message names no sender.', { properties: ['from'] });
  if (from.some(({ email }) => !own.has(email.toLowerCase()))) throw new SetError('forbiddenFrom', 'You cannot write as this address.');
  const recipients = ['to', 'cc', 'bcc'].flatMap((name) => parseAddresses(lastOf(fields, name) ?? ''));
  const { envelope } = parsed.data;
  const mailFrom = envelope?.mailFrom.email ?? identity.email;
  if (mailFrom !== '' && !own.has(mailFrom.toLowerCase())) throw new SetError('forbiddenMailFrom', 'You cannot write as this address.');
  const rcptTo = [...new Set(envelope?.rcptTo.map(({ email }) => email) ?? recipients.map(({ email }) => email))];
  if (rcptTo.length === 0) throw new SetError('noRecipients', 'The message has no recipients.');
  if (rcptTo.length > MOST_RECIPIENTS) throw new SetError('tooManyRecipients', undefined, { maxRecipients: MOST_RECIPIENTS });
  const invalid = rcptTo.filter((email) => !/^[!-;=?A-~]{1,64}@[A-Za-z0-9._[\]:-]{1,255}$/.test(email));
  if (invalid.length > 0) throw new SetError('invalidRecipients', undefined, { invalidRecipients: invalid });
  const seconds = heldSeconds(envelope?.mailFrom.parameters ?? {});
  const mail = { id: `S${randomBytes(12).toString('base64url')}`, emailId, identityId: identity.id, threadId: threadIdOf(threadRoot(fields), emailId), mailFrom, rcptTo };
  const sendAt = new Date(access.clock.now() + seconds * 1_000);
  if (seconds > 0 && (await access.outbox?.hold({ ...mail, sendAt, filing })) === true) return submissionOf({ ...mail, sendAt, filing, undoStatus: 'pending' });
  await sendNow({ mailFrom, rcptTo }, blob.bytes, access.submit);
  const whole = submissionOf({ ...mail, sendAt: new Date(access.clock.now()), filing: null, undoStatus: 'final' });
  access.memory.submissions.set(whole.id, whole);
  return whole;
}

/** RFC 4865 section 4. Throws SetError. */
function heldSeconds(parameters: Readonly<Record<string, string | null>>): number {
  const named = new Map(Object.entries(parameters).map(([name, value]) => [name.toUpperCase(), value ?? '']));
  const text = named.get('HOLDFOR') ?? '0';
  if (named.has('HOLDUNTIL') || !/^\d{1,9}$/.test(text) || Number(text) > MOST_HELD_SECONDS) throw invalidProperties(['envelope'], `A message can be held for ${MOST_HELD_SECONDS} seconds.`);
  return Number(text);
}

async function sendNow(envelope: SmtpEnvelope, bytes: Buffer, send: NonNullable<MailContext['access']['submit']>): Promise<void> {
  try {
    await send(envelope, withoutBcc(bytes));
  } catch (error) {
    if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
    throw new SetError('forbiddenToSend', error.customerText ?? 'The mail server did not take the message. It was not sent.');
  }
}

function fieldsOf(bytes: Buffer): Field[] {
  const text = bytes.subarray(0, 1024 * 1024).toString('latin1');
  return parseFields(text.slice(0, bodyStart(text, 0, text.length)));
}

/** RFC 8621 section 7.5, RFC 5322 section 3.6.3. */
export function withoutBcc(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const end = bodyStart(text, 0, text.length);
  const header = text.slice(0, end).replaceAll(/^bcc[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*\n/gim, '');
  return Buffer.concat([Buffer.from(header, 'latin1'), bytes.subarray(end)]);
}
