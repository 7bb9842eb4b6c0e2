/** The capabilities of RFC 8621, and what each says of an account. */
import type { MailAccess } from '../mail-access.ts';
import type { Limits } from '../jmap/limits.ts';

export const MAIL = 'urn:ietf:params:jmap:mail';
export const SUBMISSION = 'urn:ietf:params:jmap:submission';
export const VACATION = 'urn:ietf:params:jmap:vacationresponse';
export const QUOTA = 'urn:ietf:params:jmap:quota';

/** A mail waits so long for its writer to think again, in seconds: others wait for it, too. */
export const MOST_HELD_SECONDS = 60;

export const SORT_PROPERTIES = ['receivedAt', 'sentAt', 'size', 'from', 'to', 'subject', 'hasKeyword'];

export function mailCapabilities(access: MailAccess, limits: Limits): Record<string, object> {
  return {
    [MAIL]: {
      // What IMAP stores is in one mailbox.
      maxMailboxesPerEmail: 1,
      maxMailboxDepth: null,
      // Dovecot's longest level.
      maxSizeMailboxName: 255,
      maxSizeAttachmentsPerEmail: limits.maxSizeUpload,
      emailQuerySortOptions: SORT_PROPERTIES,
      mayCreateTopLevelMailbox: true,
    },
    ...(access.submit === undefined ? {} : { [SUBMISSION]: access.outbox === undefined ? { maxDelayedSend: 0, submissionExtensions: {} } : { maxDelayedSend: MOST_HELD_SECONDS, submissionExtensions: { FUTURERELEASE: [String(MOST_HELD_SECONDS)] } } }),
    ...(access.sieve === undefined ? {} : { [VACATION]: {} }),
    [QUOTA]: {},
  };
}
