/**
 * A command as an SMTP server reads it (RFC 5321 section 4.1.1): a verb, and what follows it on the line.
 *
 * Invariant: a lone CR and a NUL make a line no command: servers differ on where it ends.
 */

/**
 * RFC 4954 section 4: with AUTH an initial response may make a line of 12,288 octets; all others are shorter (512, and
 * what each extension adds).
 */
export const COMMAND_LIMIT = 12_288;

/** `verb` in upper case; `rest` without the white space around it, in UTF-8 (RFC 6531), '' where nothing follows. */
export type Command = { readonly verb: string; readonly rest: string };

/** RFC 5321 has verbs of four letters; extensions have had others (`STARTTLS`, `XCLIENT`). */
const COMMAND = /^([A-Z][A-Z0-9-]{0,15})(?:[ \t](.*))?$/is;

/** @param line without its line end @returns undefined for a line that is no command */
export function parseCommand(line: Buffer): Command | undefined {
  if (line.includes(0) || line.includes(13)) return undefined;
  const [, verb, rest = ''] = COMMAND.exec(line.toString()) ?? [];
  return verb === undefined ? undefined : { verb: verb.toUpperCase(), rest: rest.trim() };
}

/** Of MAIL or RCPT. `parameters`: names in upper case, '' where one has no value. */
export type Path = { readonly address: string; readonly parameters: ReadonlyMap<string, string> };

/** A quoted local part may hold `>` and spaces. */
const PATH = /^<((?:[^<>"\s]|"(?:[^"\\]|\\.)*")*)>(?:\s+(.*))?$/s;
/** RFC 5321 section 4.1.1.11. */
const PARAMETER = /^([A-Z0-9][A-Z0-9-]*)(?:=(\S+))?$/i;
/** A source route (RFC 5321 appendix C): to be taken, and thrown away. */
const ROUTE = /^@[^:]*:/;

/**
 * What MAIL (`FROM`) or RCPT (`TO`) says: `FROM:<joe@example.net> SIZE=1000`. The address is '' for `<>`.
 * @returns undefined when it is of another form
 */
export function parsePath(rest: string, word: 'FROM' | 'TO'): Path | undefined {
  if (rest.slice(0, word.length + 1).toUpperCase() !== `${word}:`) return undefined;
  const [, path, tail = ''] = PATH.exec(rest.slice(word.length + 1).trimStart()) ?? [];
  if (path === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const each of tail.split(/\s+/).filter((text) => text !== '')) {
    const [, name, value = ''] = PARAMETER.exec(each) ?? [];
    if (name === undefined) return undefined;
    parameters.set(name.toUpperCase(), value);
  }
  return { address: path.replace(ROUTE, ''), parameters };
}

/** `initial`: the initial response in base64, '' where `=` was sent (RFC 4954 section 4), undefined where none was. */
export type Auth = { readonly mechanism: string; readonly initial: string | undefined };

/** @returns undefined when it is of another form */
export function parseAuth(rest: string): Auth | undefined {
  const [mechanism = '', initial, ...more] = rest.split(/\s+/);
  if (!/^[A-Z0-9_-]{1,20}$/i.test(mechanism) || more.length > 0) return undefined;
  return { mechanism: mechanism.toUpperCase(), initial: initial === '=' ? '' : initial };
}

/** The name that EHLO or HELO gives: one word of what a domain or an address literal may have (and underscores, which do come). */
export function parseHello(rest: string): string | undefined {
  return /^[A-Z0-9._:[\]-]{1,255}$/i.test(rest) ? rest : undefined;
}
