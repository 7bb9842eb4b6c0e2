/** What a client says of itself by ID (RFC 2971), for people to recognise it by. Nothing is decided by it. */
import { textOf, type Token } from '#wire/imap/tokens.ts';

/** In the order in which they are read: `Mail 16.0, iOS 18.1`. */
const FIELDS = [['name', 'version'], ['os', 'os-version'], ['vendor']] as const;
const LENGTH = 100;

/** Empty where it says nothing. Control characters are dropped. */
export function deviceOfId(args: readonly Token[]): string {
  const [list] = args;
  if (list?.kind !== 'list') return '';
  const said = new Map<string, string>();
  for (let at = 0; at + 1 < list.items.length; at += 2) said.set(word(list.items[at]).toLowerCase(), word(list.items[at + 1]));
  const parts = FIELDS.map((keys) => keys.map((key) => said.get(key) ?? '').filter(Boolean).join(' '));
  return parts.filter(Boolean).join(', ').slice(0, LENGTH);
}

function word(token: Token | undefined): string {
  if (token === undefined || token.kind === 'list') return '';
  const text = textOf(token);
  return text === 'NIL' ? '' : text.replaceAll(/\p{Cc}/gu, '').trim();
}
