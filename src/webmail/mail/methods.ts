/** The methods of mail by their names. What is not here is answered `unknownMethod`. */
import { CORE, echo } from '../jmap/core.ts';
import { pushSubscriptionGet, pushSubscriptionSet } from '../jmap/push-subscription.ts';
import type { Engine, Method } from '../jmap/process.ts';
import { LIMITS } from '../jmap/limits.ts';
import { MAIL, QUOTA, SUBMISSION, VACATION } from './capabilities.ts';
import type { MailContext } from './context.ts';
import { blobCopy, emailCopy } from './copy.ts';
import { emailChanges } from './email-changes.ts';
import { emailGet } from './email-get.ts';
import { emailQuery, emailQueryChanges } from './email-query.ts';
import { emailImport, emailParse, emailSet } from './email-set.ts';
import { identityChanges, identityGet, identitySet } from './identity.ts';
import { mailboxChanges, mailboxGet } from './mailbox-get.ts';
import { mailboxQuery, mailboxQueryChanges } from './mailbox-query.ts';
import { mailboxSet } from './mailbox-set.ts';
import { quotaChanges, quotaGet, quotaQuery, quotaQueryChanges } from './quota.ts';
import { searchSnippetGet } from './search-snippet.ts';
import { submissionChanges, submissionGet, submissionQuery, submissionQueryChanges } from './submission-list.ts';
import { submissionSet } from './submission.ts';
import { threadChanges } from './thread-changes.ts';
import { threadGet } from './thread-get.ts';
import { vacationGet, vacationSet } from './vacation.ts';

const METHODS: ReadonlyMap<string, Method<MailContext>> = new Map<string, Method<MailContext>>([
  ['Core/echo', echo],
  ['Blob/copy', blobCopy],
  ['PushSubscription/get', pushSubscriptionGet],
  ['PushSubscription/set', pushSubscriptionSet],
  ['Mailbox/get', mailboxGet],
  ['Mailbox/changes', mailboxChanges],
  ['Mailbox/query', mailboxQuery],
  ['Mailbox/queryChanges', mailboxQueryChanges],
  ['Mailbox/set', mailboxSet],
  ['Email/get', emailGet],
  ['Email/changes', emailChanges],
  ['Email/query', emailQuery],
  ['Email/queryChanges', emailQueryChanges],
  ['Email/set', emailSet],
  ['Email/copy', emailCopy],
  ['Email/import', emailImport],
  ['Email/parse', emailParse],
  ['Thread/get', threadGet],
  ['Thread/changes', threadChanges],
  ['SearchSnippet/get', searchSnippetGet],
  ['Identity/get', identityGet],
  ['Identity/changes', identityChanges],
  ['Identity/set', identitySet],
  ['EmailSubmission/get', submissionGet],
  ['EmailSubmission/changes', submissionChanges],
  ['EmailSubmission/query', submissionQuery],
  ['EmailSubmission/queryChanges', submissionQueryChanges],
  ['EmailSubmission/set', submissionSet],
  ['VacationResponse/get', vacationGet],
  ['VacationResponse/set', vacationSet],
  ['Quota/get', quotaGet],
  ['Quota/changes', quotaChanges],
  ['Quota/query', quotaQuery],
  ['Quota/queryChanges', quotaQueryChanges],
]);

export function mailEngine(onFault: (error: unknown, method: string) => void): Engine<MailContext> {
  return { limits: LIMITS, capabilities: new Set([CORE, MAIL, SUBMISSION, VACATION, QUOTA]), methods: METHODS, onFault };
}
