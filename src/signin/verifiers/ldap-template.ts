/**
 * Names and filters with a login name put in.
 *
 * Invariant: what is put in is escaped, so that it is one value whatever is in it: no login name reaches another entry
 * or widens a filter.
 */

/** `uid={local},ou=people,dc=example` with the parts of the login name as values (RFC 4514 section 2.4). */
export function fillDn(template: string, login: string): string {
  return fill(template, login, escapeDnValue);
}

/** `(mail={login})` with the parts of the login name as values (RFC 4515 section 3). */
export function fillFilter(template: string, login: string): string {
  return fill(template, login, escapeFilterValue);
}

/** `{login}` is all of it, `{local}` what is before its last @, `{domain}` what is after. */
function fill(template: string, login: string, escape: (value: string) => string): string {
  const at = login.lastIndexOf('@');
  const parts: Record<string, string> = {
    '{login}': login,
    '{local}': at < 0 ? login : login.slice(0, at),
    '{domain}': at < 0 ? '' : login.slice(at + 1),
  };
  return template.replaceAll(/\{(?:login|local|domain)\}/g, (name) => escape(parts[name]!));
}

export function escapeDnValue(value: string): string {
  return value
    .replaceAll(/["+,;<=>\\]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^[ #]/, '\\$&')
    // A single space is the first one, and escaped already.
    .replace(/(?<=.) $/s, (space, offset: number, text: string) => (text[offset - 1] === '\\' && offset === 1 ? space : `\\${space}`));
}

export function escapeFilterValue(value: string): string {
  return value.replaceAll(/[*()\\\0]/g, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
