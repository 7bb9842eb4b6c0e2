/** LIST, LSUB and NAMESPACE (RFC 9051 section 6.3.9, RFC 3501 section 6.3.9, RFC 2342). */
import { CausewayError } from '#errors/index.ts';
import { mailboxName } from '#wire/imap/encode.ts';
import { parseFlags } from '#wire/imap/flags.ts';
import { isNil, textOf, type Token } from '#wire/imap/tokens.ts';
import { decodeUtf7 } from '#wire/imap/utf7.ts';
import type { Engine } from '../engine/engine.ts';
import type { Untagged } from '../engine/in-flight.ts';
import { responseCodeOf } from '../refusal.ts';

export type ListEntry = {
  /** In UTF-8; a name that is no valid modified UTF-7 as it came. */
  readonly name: string;
  /** As it came, one character a byte. */
  readonly raw: string;
  /** Undefined: the name has no levels. */
  readonly delimiter: string | undefined;
  /** `\HasNoChildren`, `\Noselect`, `\Sent`… as the server spells them. */
  readonly flags: readonly string[];
};

export type Namespace = { readonly prefix: string; readonly delimiter: string | undefined };
export type Namespaces = { readonly personal: Namespace[]; readonly other: Namespace[]; readonly shared: Namespace[] };

/** A customer has some dozens; the largest accounts known some thousands. Beyond this a server invents them. */
const ENTRY_LIMIT = 100_000;

export type ListOptions = {
  /** Asks for `\Sent`, `\Trash`… where the server gives them on request only. */
  readonly specialUse?: boolean;
};

export async function list(
  engine: Engine,
  reference: string,
  pattern: string,
  { specialUse = false }: ListOptions = {},
): Promise<ListEntry[]> {
  const { capabilities } = engine;
  const plain = (): Promise<ListEntry[]> => entries(engine, 'LIST', `LIST ${words(reference, pattern)}`);
  const extended = capabilities.has('LIST-EXTENDED') || capabilities.has('IMAP4REV2');
  if (!specialUse || !extended || !(capabilities.has('SPECIAL-USE') || capabilities.has('IMAP4REV2'))) return plain();
  try {
    return await entries(engine, 'LIST', `LIST ${words(reference, pattern)} RETURN (SPECIAL-USE)`);
  } catch (error) {
    // Some announce it and answer BAD.
    if (!isRefused(error)) throw error;
    return plain();
  }
}

/** The subscribed names. */
export async function lsub(engine: Engine, reference: string, pattern: string): Promise<ListEntry[]> {
  const { capabilities } = engine;
  try {
    return await entries(engine, 'LSUB', `LSUB ${words(reference, pattern)}`);
  } catch (error) {
    // LSUB is not in IMAP4rev2; Exchange in that mode refuses it.
    if (!isRefused(error) || !(capabilities.has('LIST-EXTENDED') || capabilities.has('IMAP4REV2'))) throw error;
    return entries(engine, 'LIST', `LIST (SUBSCRIBED) ${words(reference, pattern)}`);
  }
}

/** Where the server has no NAMESPACE: one personal one without a prefix. */
export async function namespace(engine: Engine): Promise<Namespaces> {
  if (!engine.capabilities.has('NAMESPACE') && !engine.capabilities.has('IMAP4REV2')) {
    const [root] = await list(engine, '', '');
    return { personal: [{ prefix: '', delimiter: root?.delimiter }], other: [], shared: [] };
  }
  let found: Namespaces = { personal: [], other: [], shared: [] };
  await engine.command({
    name: 'NAMESPACE',
    parts: ['NAMESPACE'],
    wants: (response) => response.kind === 'data' && response.name === 'NAMESPACE',
    onData(response) {
      if (response.kind !== 'data') return;
      const [personal, other, shared] = response.tokens.map(namespacesOf);
      found = { personal: personal ?? [], other: other ?? [], shared: shared ?? [] };
    },
  });
  return found;
}

function namespacesOf(token: Token): Namespace[] {
  if (token.kind !== 'list') return [];
  return token.items.flatMap((item) =>
    item.kind === 'list'
      ? [{ prefix: decodeUtf7(textOf(item.items[0])), delimiter: delimiterOf(item.items[1]) }]
      : [],
  );
}

async function entries(engine: Engine, name: 'LIST' | 'LSUB', command: string): Promise<ListEntry[]> {
  const found = new Map<string, ListEntry>(); // by raw name: some servers list one twice
  await engine.command({
    name,
    parts: [command],
    wants: (response) => response.kind === 'data' && response.name === name,
    onData(response) {
      const entry = entryOf(response);
      found.set(entry.raw, entry);
      if (found.size > ENTRY_LIMIT) throw new CausewayError('limit', `more than ${ENTRY_LIMIT} mailboxes`);
    },
  });
  return [...found.values()];
}

export function entryOf(response: Untagged): ListEntry {
  const [flags, delimiter, name] = response.kind === 'data' ? response.tokens : [];
  const raw = name?.kind === 'string' ? name.bytes.toString('latin1') : textOf(name);
  return {
    name: decodeUtf7(name?.kind === 'string' ? name.bytes : raw),
    raw,
    delimiter: delimiterOf(delimiter),
    flags: parseFlags(flags),
  };
}

function delimiterOf(token: Token | undefined): string | undefined {
  return token === undefined || isNil(token) ? undefined : textOf(token) || undefined;
}

function words(reference: string, pattern: string): string {
  return `${mailboxName(reference, { utf8: false })} ${mailboxName(pattern, { utf8: false })}`;
}

/** NO or BAD to this form of the command, and not for a reason of the moment. */
function isRefused(error: unknown): boolean {
  return error instanceof CausewayError && error.code === 'refused' && responseCodeOf(error) !== 'UNAVAILABLE';
}
