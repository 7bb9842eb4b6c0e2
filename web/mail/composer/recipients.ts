/**
 * What a person types or pastes into To, Cc and Bcc, as addresses.
 *
 * Invariants: no text is dropped: what is no address stays as an entry that is not valid, for its writer to mend. Nobody is
 * there twice. What is shown has no characters that hide or turn the text around it.
 */
import type { Address } from '../api/types.ts';

/** Why mail cannot go there. `letters`: our mail servers take no letters beyond ASCII before the @ (RFC 6531). */
export type Fault = 'no-at' | 'before-at' | 'letters' | 'domain';

/** A paste of a whole address book; a message goes to at most 500 (`src/webmail/mail/submission.ts`). */
const MOST = 2_000;

/** Zero-width characters, and those that change the direction of what follows. */
const INVISIBLE = /[\u{ad}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{feff}\p{Cc}]/gu;

/** Lists with commas, semicolons, lines, names in quotes or with a comma, groups, `mailto:`. */
export function parseRecipients(text: string): Address[] {
  const found: Address[] = [];
  for (const line of split(text, /[;\n\r\t]/)) {
    let held = '';
    for (const piece of split(line, /,/)) {
      const whole = held === '' ? piece : `${held}, ${piece}`;
      // `Byron, Ada <ada@isp.example>`: the comma is in the name.
      const isName = !piece.includes('@') && !piece.includes('<') && piece.trim() !== '';
      if (isName) {
        held = whole;
        continue;
      }
      if (held !== '' && !/<[^>]*>\s*$/.test(piece)) found.push(...addressesIn(held), ...addressesIn(piece));
      else found.push(...addressesIn(whole));
      held = '';
    }
    if (held !== '') found.push(...held.split(',').flatMap(addressesIn));
  }
  return withoutTwins(found).slice(0, MOST);
}

/** Pieces between separators that are in no quotes, angles or comments. */
function split(text: string, separator: RegExp): string[] {
  const pieces: string[] = [];
  let piece = '';
  let close = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (close !== '') {
      if (character === '\\' && close === '"') {
        piece += character + (text[at + 1] ?? '');
        at += 1;
        continue;
      }
      if (character === close) close = '';
    } else if (character === '"' || character === '<' || character === '(') {
      const end = character === '"' ? '"' : character === '<' ? '>' : ')';
      // What is never closed closes nothing off.
      if (text.includes(end, at + 1)) close = end;
    } else if (separator.test(character)) {
      pieces.push(piece);
      piece = '';
      continue;
    }
    piece += character;
  }
  pieces.push(piece);
  return pieces.filter((one) => one.trim() !== '');
}

function addressesIn(piece: string): Address[] {
  // `Friends: ada@isp.example` of a group; a quoted name may hold a colon.
  const text = piece.replaceAll(INVISIBLE, (character) => (character === '\t' || character === '\n' ? ' ' : '')).replace(/^\s*mailto:/i, '').replace(/^\s*[^"<>@:]{1,100}:\s*(?=\S)/, '').trim();
  if (text === '') return [];
  const angle = /^(.*?)<([^<>]*)>\s*$/s.exec(text);
  if (angle !== null) return [address(nameOf(angle[1] as string), (angle[2] as string).replace(/^mailto:/i, ''))];
  const comment = /^(\S+@\S+)\s*\(([^()]*)\)$/.exec(text);
  if (comment !== null) return [address(nameOf(comment[2] as string), comment[1] as string)];
  const words = text.split(/\s+/);
  if (words.length > 1 && words.every((word) => /^[^@]+@[^@]+$/.test(word))) return words.map((word) => address(null, word));
  // `Ada Byron ada@isp.example`
  const last = words.at(-1) as string;
  if (words.length > 1 && /^[^@]+@[^@]+\.[^@]+$/.test(last)) return [address(nameOf(words.slice(0, -1).join(' ')), last)];
  return [address(null, text)];
}

function address(name: string | null, email: string): Address {
  return { name, email: email.replaceAll(/\s+/g, '').replace(/^<|>$/g, '').replace(/\.$/, '') };
}

function nameOf(text: string): string | null {
  const trimmed = text.trim();
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(trimmed)?.[1]?.replaceAll(/\\(.)/gs, '$1') ?? /^'(.*)'$/s.exec(trimmed)?.[1] ?? trimmed;
  const name = quoted.replaceAll(/\s+/g, ' ').trim();
  return name === '' ? null : name;
}

/** Undefined: mail can go there, as far as the letters of it tell. */
export function faultOf({ email }: Address): Fault | undefined {
  const at = email.lastIndexOf('@');
  if (at < 0) return 'no-at';
  const local = email.slice(0, at);
  // The server takes the same (RFC 5321 section 4.5.3.1: 64 and 255).
  if (local === '' || local.length > 64 || /[\s<>()[\],;:\\"@]/.test(local)) return 'before-at';
  if (!/^[!-~]+$/.test(local)) return 'letters';
  return asciiDomain(email.slice(at + 1)) === undefined ? 'domain' : undefined;
}

/** As it is asked of the DNS (RFC 5891). Undefined: it is no domain. */
export function asciiDomain(domain: string): string | undefined {
  if (/[\s<>()[\],;:\\"@/?#%]/.test(domain)) return undefined;
  let ascii: string;
  try {
    ascii = new URL(`http://${domain}/`).hostname;
  } catch {
    return undefined;
  }
  const labels = ascii.split('.');
  const good = labels.length > 1 && ascii.length <= 253 && labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?$/i.test(label));
  // A number is no top-level domain, and an address of a machine is not what a person means.
  return good && !/^\d+$/.test(labels.at(-1) as string) ? ascii : undefined;
}

/** As it goes into an envelope. */
export function asciiAddress({ email }: Pick<Address, 'email'>): string {
  const at = email.lastIndexOf('@');
  return at < 0 ? email : `${email.slice(0, at)}@${asciiDomain(email.slice(at + 1)) ?? email.slice(at + 1)}`;
}

/** Equal for addresses that reach the same mailbox: letters' case aside, the domain in ASCII. */
export function addressKey(one: Pick<Address, 'email'>): string {
  return asciiAddress(one).toLowerCase();
}

/** The first of each; it takes a name from a later one if it has none. */
export function withoutTwins(list: readonly Address[]): Address[] {
  const byKey = new Map<string, Address>();
  for (const one of list) {
    const key = addressKey(one);
    const before = byKey.get(key);
    if (before === undefined) byKey.set(key, one);
    else if (before.name === null && one.name !== null) byKey.set(key, { ...before, name: one.name });
  }
  return [...byKey.values()];
}

/** As it is written in a header, and copied from a field: parseRecipients reads it back. */
export function formatAddress({ name, email }: Address): string {
  if (name === null) return email;
  return /^[\p{L}\p{N} !#$%&'*+\-/=?^_`{|}~.]+$/u.test(name) ? `${name} <${email}>` : `"${name.replaceAll(/["\\]/g, '\\$&')}" <${email}>`;
}

/** For a sentence or a chip. */
export function nameOrEmail({ name, email }: Address): string {
  return name === null || name.trim() === '' ? email : name.replaceAll(INVISIBLE, '').trim();
}
