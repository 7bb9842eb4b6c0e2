/**
 * A POP3 command (RFC 1939 section 3): a keyword, and what follows it on the line.
 *
 * Invariant: what follows the first space after the keyword is kept byte for byte, since spaces may belong to a
 * password (RFC 1939 section 7). A lone CR and a NUL make a line no command: servers differ on where it ends.
 */

/**
 * RFC 2449 section 4: a command has at most 255 octets with its CRLF. Twice as much is taken: login names of 320 octets
 * and long passwords do come.
 */
export const COMMAND_LIMIT = 512;

/** `name` in upper case; `rest` is undefined where no space follows the keyword. */
export type Command = { readonly name: string; readonly rest: Buffer | undefined };

const SPACE = 0x20;
/** RFC 1939 has keywords of three or four characters; extensions have had longer ones (`XTND`, `XCLIENT`). */
const KEYWORD = /^[A-Z][A-Z0-9-]{0,15}$/;

/** @param line without its line end @returns undefined for a line that is no command */
export function parseCommand(line: Buffer): Command | undefined {
  if (line.includes(0) || line.includes(13)) return undefined;
  const space = line.indexOf(SPACE);
  const name = line.toString('latin1', 0, space < 0 ? line.length : space).toUpperCase();
  if (!KEYWORD.test(name)) return undefined;
  return { name, rest: space < 0 ? undefined : line.subarray(space + 1) };
}

/** The arguments of a command that has none with spaces in them. */
export function argumentsOf({ rest }: Command): string[] {
  return rest === undefined ? [] : rest.toString('latin1').split(' ').filter((word) => word !== '');
}

/** Without arguments these have a multi-line answer, with one a single line (RFC 1939; LANG: RFC 6856 section 3.2). */
const MULTI_LINE_ALONE = new Set(['LIST', 'UIDL', 'LANG']);
const MULTI_LINE = new Set(['CAPA', 'RETR', 'TOP']);

/** Whether a `+OK` to this command is followed by lines that end with a dot. */
export function isMultiLine(command: Command): boolean {
  return MULTI_LINE.has(command.name) || (MULTI_LINE_ALONE.has(command.name) && argumentsOf(command).length === 0);
}
