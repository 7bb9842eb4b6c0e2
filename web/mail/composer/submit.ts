/**
 * Handing a saved message over to be sent, once.
 *
 * Invariants: only what certainly was not sent is tried again by itself. Where the answer was lost, it is looked up; where
 * that does not tell, the writer is told that nobody knows, and decides.
 */
import { ApiError } from '../api/http.ts';
import { type Call, JmapError } from '../api/jmap.ts';
import type { Email, GetAnswer, QueryAnswer, SetAnswer, SetError } from '../api/types.ts';
import type { Origin } from './message.ts';

export type ToSend = {
  readonly emailId: string;
  readonly identityId: string;
  readonly mailFrom: string;
  /** Domains in ASCII. */
  readonly rcptTo: readonly string[];
  readonly draftsId: string;
  /** Undefined: the account has none; the sent message stays where it is, and is no draft any more. */
  readonly sentId: string | undefined;
  readonly origin: Origin | undefined;
};

export type Outcome =
  | { readonly kind: 'sent' }
  /** The server keeps it for a while, in which it can be taken back. @param until milliseconds since 1970 */
  | { readonly kind: 'held'; readonly submissionId: string; readonly until: number }
  | { readonly kind: 'refused'; readonly type: string; readonly sentence: string | undefined; readonly addresses: readonly string[] }
  | { readonly kind: 'unknown' }
  /** Certainly not sent; later it may be. */
  | { readonly kind: 'unreachable' };

type Jmap = <T extends readonly unknown[]>(calls: readonly Call[]) => Promise<T>;
export type SubmitParts = { readonly jmap: Jmap; readonly sleep: (ms: number) => Promise<void> };

/** Between looks after an answer was lost: a server that is handing over has 60 s at most. */
const LOOKS_MS = [1_000, 4_000, 10_000, 20_000, 30_000];

type Submission = { readonly id: string; readonly undoStatus: 'pending' | 'final' | 'canceled'; readonly sendAt: string; readonly deliveryStatus: Readonly<Record<string, { readonly smtpReply: string; readonly delivered: string }>> | null };
const SUBMISSION = ['undoStatus', 'sendAt', 'deliveryStatus'];

/** @param holdSeconds that the server shall keep it (RFC 4865); 0: it cannot */
export async function submit(what: ToSend, holdSeconds: number, parts: SubmitParts): Promise<Outcome> {
  const { emailId, identityId, mailFrom, rcptTo, origin } = what;
  const parameters = holdSeconds > 0 ? { HOLDFOR: String(holdSeconds) } : null;
  const envelope = { mailFrom: { email: mailFrom, parameters }, rcptTo: rcptTo.map((email) => ({ email, parameters: null })) };
  let outcome: Outcome;
  try {
    const [answer] = await parts.jmap<readonly [SetAnswer<Submission>]>([['EmailSubmission/set', { create: { sending: { identityId, emailId, envelope } }, onSuccessUpdateEmail: { '#sending': afterwards(what) } }]]);
    const made = answer.created?.['sending'];
    outcome = made === undefined ? refusalOf(answer.notCreated?.['sending']) : outcomeOf(made);
  } catch (error) {
    if (error instanceof JmapError) outcome = { kind: 'refused', type: error.type, sentence: undefined, addresses: [] };
    // The server said so before it began.
    else if (error instanceof ApiError && (error.status === 503 || error.code === 'signed-out')) outcome = { kind: 'unreachable' };
    else if (error instanceof ApiError && error.status >= 400 && error.status < 500) outcome = { kind: 'refused', type: error.code, sentence: error.sentence, addresses: [] };
    else outcome = await lookUp(emailId, parts);
  }
  // Also of what waits at the server: this page may be gone when it is sent.
  if (origin !== undefined && (outcome.kind === 'sent' || outcome.kind === 'held')) await mark(origin, true, parts);
  return outcome;
}

function afterwards({ draftsId, sentId }: ToSend): Readonly<Record<string, unknown>> {
  return { 'keywords/$draft': null, 'keywords/$seen': true, ...(sentId === undefined || sentId === draftsId ? {} : { [`mailboxIds/${draftsId}`]: null, [`mailboxIds/${sentId}`]: true }) };
}

type Refusal = SetError & { readonly invalidRecipients?: readonly string[] };

function refusalOf(error: Refusal | undefined): Outcome {
  if (error === undefined || error.type === 'serverFail') return { kind: 'unknown' };
  if (error.type === 'serverUnavailable') return { kind: 'unreachable' };
  return { kind: 'refused', type: error.type, sentence: error.description, addresses: error.invalidRecipients ?? [] };
}

/** As `docs/jmap.md` has it: a refusal is `delivered: "no"`; 4.4.2 is an answer that did not come. */
function outcomeOf({ id, undoStatus, sendAt, deliveryStatus }: Submission): Outcome {
  if (undoStatus === 'pending') return { kind: 'held', submissionId: id, until: Date.parse(sendAt) };
  const statuses = Object.entries(deliveryStatus ?? {});
  if (statuses.some(([, { delivered }]) => delivered === 'no')) return { kind: 'refused', type: 'refusedLater', sentence: undefined, addresses: statuses.map(([email]) => email) };
  return statuses.some(([, { smtpReply }]) => /\b4\.4\.2\b/.test(smtpReply)) ? { kind: 'unknown' } : { kind: 'sent' };
}

/** What became of one that waited at the server. `unreachable`: that cannot be told now. */
export async function outcomeLater(submissionId: string, emailId: string, { jmap }: SubmitParts): Promise<Outcome> {
  try {
    const [{ list }, emails] = await jmap<readonly [GetAnswer<Submission>, GetAnswer<Pick<Email, 'keywords'>>]>([
      ['EmailSubmission/get', { ids: [submissionId], properties: SUBMISSION }],
      ['Email/get', { ids: [emailId], properties: ['keywords'] }],
    ]);
    if (list[0] !== undefined) return outcomeOf(list[0]);
    const [email] = emails.list;
    return email !== undefined && email.keywords['$draft'] !== true ? { kind: 'sent' } : { kind: 'unknown' };
  } catch (error) {
    if (error instanceof ApiError || error instanceof JmapError) return { kind: 'unreachable' };
    throw error;
  }
}

/** @returns whether it is not sent; undefined: that cannot be told now */
export async function takeBack(submissionId: string, origin: Origin | undefined, parts: SubmitParts): Promise<boolean | undefined> {
  try {
    const [{ updated }] = await parts.jmap<readonly [SetAnswer]>([['EmailSubmission/set', { update: { [submissionId]: { undoStatus: 'canceled' } } }]]);
    const isBack = updated !== null && submissionId in updated;
    if (isBack && origin !== undefined) await mark(origin, false, parts);
    return isBack;
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    if (error instanceof JmapError) return false;
    throw error;
  }
}

/** The answer was lost on its way: whether it was done shows in what is there. */
async function lookUp(emailId: string, { jmap, sleep }: SubmitParts): Promise<Outcome> {
  for (const ms of LOOKS_MS) {
    await sleep(ms);
    try {
      const [{ list }, { ids }] = await jmap<readonly [GetAnswer<Pick<Email, 'id' | 'keywords'>>, QueryAnswer]>([
        ['Email/get', { ids: [emailId], properties: ['id', 'keywords'] }],
        ['EmailSubmission/query', { filter: { emailIds: [emailId] } }],
      ]);
      const [id] = ids;
      if (list[0] !== undefined && list[0].keywords['$draft'] !== true) return { kind: 'sent' };
      if (id !== undefined) {
        const [found] = await jmap<readonly [GetAnswer<Submission>]>([['EmailSubmission/get', { ids: [id], properties: SUBMISSION }]]);
        if (found.list[0] !== undefined) return outcomeOf(found.list[0]);
      }
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof JmapError)) throw error;
    }
  }
  return { kind: 'unknown' };
}

/** A mark that cannot be set now is not worth telling. */
async function mark({ emailId, does }: Origin, isSet: boolean, { jmap, sleep }: SubmitParts): Promise<void> {
  for (const ms of [0, 2_000, 10_000]) {
    if (ms > 0) await sleep(ms);
    try {
      await jmap([['Email/set', { update: { [emailId]: { [`keywords/$${does}`]: isSet ? true : null } } }]]);
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) return;
    }
  }
}
