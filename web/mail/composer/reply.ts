/**
 * Who gets an answer, and how it is tied to what it answers.
 *
 * Invariants: the writer is not written to, unless nobody else is there; nobody gets it twice. In-Reply-To and References are
 * those of RFC 5322 section 3.6.4, so that every program shows the thread.
 */
import type { Address, Email, Identity } from '../api/types.ts';
import { addressKey, withoutTwins } from './recipients.ts';

/** The message that is answered or handed on. */
export type Original = Pick<Email, 'id' | 'blobId' | 'subject' | 'from' | 'to' | 'cc' | 'bcc' | 'replyTo' | 'messageId' | 'inReplyTo' | 'references' | 'sentAt' | 'receivedAt'>;

export type Recipients = { readonly to: readonly Address[]; readonly cc: readonly Address[] };

export function replyRecipients(original: Original, identities: readonly Identity[]): Recipients {
  const isOwn = ownAddress(identities);
  const from = original.from ?? [];
  // To go on after one's own message is to write to the same people.
  if (from.length > 0 && from.every(isOwn)) return { to: withoutTwins(orElse(original.to ?? [], from)), cc: [] };
  return { to: withoutTwins(repliesOf(original)), cc: [] };
}

export function replyAllRecipients(original: Original, identities: readonly Identity[]): Recipients {
  const isOwn = ownAddress(identities);
  const from = original.from ?? [];
  const mine = from.length > 0 && from.every(isOwn);
  const first = mine ? [] : repliesOf(original);
  const to = withoutTwins([...first, ...(original.to ?? [])]).filter((one) => !isOwn(one));
  const keys = new Set(to.map(addressKey));
  const cc = withoutTwins(original.cc ?? []).filter((one) => !isOwn(one) && !keys.has(addressKey(one)));
  if (to.length > 0) return { to, cc };
  return cc.length > 0 ? { to: cc, cc: [] } : { to: withoutTwins(orElse(first, from)), cc: [] };
}

function repliesOf({ replyTo, from }: Original): readonly Address[] {
  return orElse(replyTo ?? [], from ?? []);
}

function orElse(list: readonly Address[], other: readonly Address[]): readonly Address[] {
  return list.length > 0 ? list : other;
}

/** Also `ada+shop@isp.example` of `ada@isp.example` (RFC 5233). */
export function ownAddress(identities: readonly Identity[]): (address: Address) => boolean {
  const own = new Set(identities.map((identity) => withoutDetail(addressKey(identity))));
  return (address) => own.has(withoutDetail(addressKey(address)));
}

function withoutDetail(key: string): string {
  return key.replace(/\+[^@]*@/, '@');
}

/** The identity that the original was written to, or by; else the first. */
export function identityFor(original: Original, identities: readonly Identity[]): Identity | undefined {
  const all = [...(original.to ?? []), ...(original.cc ?? []), ...(original.bcc ?? []), ...(original.from ?? [])].map(addressKey);
  const of = (match: (key: string) => string): Identity | undefined => {
    const keys = all.map(match);
    return keys.flatMap((key) => identities.find((identity) => match(addressKey(identity)) === key) ?? [])[0];
  };
  return of((key) => key) ?? of(withoutDetail) ?? identities[0];
}

/** Ids of a long thread that are kept: its first, by which programs find it, and its newest. RFC 5322 section 2.1.1 allows lines of 998. */
const MOST_REFERENCES = 30;

export function threading({ messageId, inReplyTo, references }: Original): { readonly inReplyTo: readonly string[]; readonly references: readonly string[] } {
  const own = messageId ?? [];
  if (own.length === 0) return { inReplyTo: [], references: [] };
  const before = references !== null && references.length > 0 ? references : inReplyTo?.length === 1 ? inReplyTo : [];
  const all = [...new Set([...before, ...own])];
  return { inReplyTo: own, references: all.length <= MOST_REFERENCES ? all : [all[0] as string, ...all.slice(1 - MOST_REFERENCES)] };
}
