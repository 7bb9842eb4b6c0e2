/** What may be attached. */
import { accountIdOf, getSession, MAIL } from '../api/session.ts';

/** Octets (RFC 8620 section 2, RFC 8621 section 1.3.1). */
export function attachmentLimits(): { readonly one: number; readonly all: number } {
  const session = getSession();
  const one = Number(session.capabilities['urn:ietf:params:jmap:core']?.['maxSizeUpload'] ?? 0);
  const all = Number(session.accounts[accountIdOf(session)]?.accountCapabilities[MAIL]?.['maxSizeAttachmentsPerEmail'] ?? one);
  return { one, all };
}
