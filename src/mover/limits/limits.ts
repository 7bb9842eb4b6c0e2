/**
 * What a target says beforehand of how much it takes: APPENDLIMIT (RFC 7889) and quota (RFC 9208).
 *
 * Invariant: what a server says in another form than the RFCs' is no limit; it is found out by moving.
 */
import { CausewayError } from '#errors/index.ts';
import type { ImapConnection } from '#imap/connection.ts';
import type { Untagged } from '#imap/engine/in-flight.ts';
import { textOf, type Token } from '#wire/imap/tokens.ts';

/** The largest message, in bytes; of one mailbox's own limit INBOX's stands for all. */
export async function appendLimitOf(target: ImapConnection): Promise<number> {
  const announced = announcedLimit(target.capabilities);
  if (announced !== undefined || !target.capabilities.has('APPENDLIMIT')) return announced ?? Number.POSITIVE_INFINITY;
  let limit = Number.POSITIVE_INFINITY;
  await unlessRefused(target, 'STATUS INBOX (APPENDLIMIT)', (response) => {
    if (response.kind === 'data' && response.name === 'STATUS') limit = limitIn(response.tokens) ?? limit;
  });
  return limit;
}

/** `APPENDLIMIT=35651584` among capabilities: the same limit for all mailboxes. */
export function announcedLimit(capabilities: ReadonlySet<string>): number | undefined {
  for (const capability of capabilities) {
    const told = /^APPENDLIMIT=(\d{1,15})$/.exec(capability)?.[1];
    if (told !== undefined) return Number(told);
  }
  return undefined;
}

/** Of a STATUS response; NIL, which is "no limit", gives undefined. */
export function limitIn(tokens: readonly Token[]): number | undefined {
  const words = wordsOf(tokens.at(-1));
  const at = words.findIndex((word, n) => n % 2 === 0 && word.toUpperCase() === 'APPENDLIMIT');
  return at < 0 ? undefined : numberOf(words[at + 1]);
}

export type Quota = { readonly bytes: number | undefined; readonly messages: number | undefined };

/** Of several roots all hold. What is used is left out: of the target's mail only the copies stay. */
export async function quotaOf(target: ImapConnection): Promise<Quota> {
  const limits = new Map<string, number>();
  if ([...target.capabilities].some((capability) => capability === 'QUOTA' || capability.startsWith('QUOTA='))) {
    await unlessRefused(target, 'GETQUOTAROOT INBOX', (response) => {
      if (response.kind !== 'data' || response.name !== 'QUOTA') return;
      for (const [resource, limit] of resourcesIn(response.tokens)) limits.set(resource, Math.min(limit, limits.get(resource) ?? limit));
    });
  }
  const kilobytes = limits.get('STORAGE');
  return { bytes: kilobytes === undefined ? undefined : kilobytes * 1_024, messages: limits.get('MESSAGE') };
}

/** Of a QUOTA response: resources in upper case and their limits. STORAGE is in units of 1,024 bytes (section 5.1). */
export function* resourcesIn(tokens: readonly Token[]): Generator<[resource: string, limit: number]> {
  const words = wordsOf(tokens.at(-1));
  for (let at = 0; at + 2 < words.length; at += 3) {
    const limit = numberOf(words[at + 2]);
    if (limit !== undefined) yield [words[at]!.toUpperCase(), limit];
  }
}

function wordsOf(token: Token | undefined): string[] {
  return token?.kind === 'list' ? token.items.map((item) => (item.kind === 'list' ? '' : textOf(item))) : [];
}

/** Fifteen digits are the most that a number holds exactly, and a petabyte. */
const numberOf = (word: string | undefined): number | undefined => (word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined);

async function unlessRefused(target: ImapConnection, command: string, onData: (response: Untagged) => void): Promise<void> {
  try {
    await target.run(command, onData);
  } catch (error) {
    if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
  }
}
