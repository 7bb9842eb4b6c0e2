/**
 * What a mail's header says of who sent it, and what does not fit.
 *
 * Invariants: a hint never says that a mail is safe. Of Authentication-Results only the first field counts, which the last
 * server on the way wrote (RFC 8601 section 5): those below it may be the sender's own.
 */
import type { Address } from '../api/types.ts';
import { registrable } from './links.ts';

export type Verdict = 'pass' | 'fail' | 'unknown';

/** @param fields values of Authentication-Results, the first on top */
export function dmarcOf(fields: readonly string[]): Verdict {
  const [, result = ''] = /(?:^|[;\s])dmarc\s*=\s*([a-z]+)/i.exec((fields[0] ?? '').replaceAll(/\([^()]*\)/g, ' ')) ?? [];
  if (/^pass$/i.test(result)) return 'pass';
  return /^(?:fail|reject|quarantine)$/i.test(result) ? 'fail' : 'unknown';
}

export type Doubt =
  /** The name is an address, and another one than the sender's. */
  | { readonly kind: 'name'; readonly shown: string; readonly real: string }
  /** The domain has letters of several alphabets, or ones that look like others. */
  | { readonly kind: 'letters'; readonly real: string }
  /** Answers go to another organisation. */
  | { readonly kind: 'reply'; readonly real: string; readonly reply: string }
  /** The domain's owner says that it is not from there. */
  | { readonly kind: 'dmarc'; readonly real: string };

export function doubtsOf({ from, replyTo, results, isList }: { readonly from: readonly Address[] | null; readonly replyTo: readonly Address[] | null; readonly results: readonly string[]; readonly isList: boolean }): readonly Doubt[] {
  const sender = from?.[0];
  if (sender === undefined) return [];
  const doubts: Doubt[] = [];
  const [, shown] = /([\w.+-]+@(?:[\w-]+\.)+[a-z]{2,})/i.exec(sender.name ?? '') ?? [];
  if (shown !== undefined && domainOf(shown) !== domainOf(sender.email)) doubts.push({ kind: 'name', shown, real: sender.email });
  if (hasOddLetters(domainOf(sender.email))) doubts.push({ kind: 'letters', real: domainOf(sender.email) });
  const reply = replyTo?.[0];
  if (!isList && reply !== undefined && domainOf(reply.email) !== domainOf(sender.email) && FREE.test(domainOf(reply.email)) && !FREE.test(domainOf(sender.email))) doubts.push({ kind: 'reply', real: sender.email, reply: reply.email });
  if (dmarcOf(results) === 'fail') doubts.push({ kind: 'dmarc', real: domainOf(sender.email) });
  return doubts;
}

/** Mailboxes that anybody has in a minute: an answer to an office does not go there. */
const FREE = /^(?:gmail\.com|googlemail\.com|outlook\.[a-z.]+|hotmail\.[a-z.]+|live\.[a-z.]+|yahoo\.[a-z.]+|proton\.me|protonmail\.com|gmx\.[a-z]+|mail\.ru|yandex\.[a-z.]+|aol\.com|icloud\.com|mail\.com)$/;

const domainOf = (email: string): string => registrable(email.slice(email.lastIndexOf('@') + 1));

/** In letters, not in Punycode, which deceives nobody: mixed alphabets in a label, or a label of Cyrillic or Greek that has only letters which Latin ones look like (UTS 39 section 5). */
export function hasOddLetters(domain: string): boolean {
  return domain.split('.').some((label) => {
    const scripts = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u, /\p{Script=Cherokee}/u].filter((script) => script.test(label)).length;
    return scripts > 1 || /^[асеорхуіјѕԁһνο\d-]+$/u.test(label) && /[^\d-]/.test(label) && !/[a-z]/i.test(label);
  });
}

export type Unsubscribe = { readonly web: string | undefined; readonly mail: string | undefined; readonly oneClick: boolean };

/** RFC 2369 section 3.2, RFC 8058: shown as links, never followed by themselves. */
export function unsubscribeOf(urls: readonly string[] | null, post: string | null): Unsubscribe | undefined {
  const find = (pattern: RegExp): string | undefined => urls?.find((url) => pattern.test(url) && URL.canParse(url));
  const web = find(/^https:/i);
  const mail = find(/^mailto:/i);
  return web === undefined && mail === undefined ? undefined : { web, mail, oneClick: web !== undefined && /^\s*List-Unsubscribe\s*=\s*One-Click\s*$/i.test(post ?? '') };
}
