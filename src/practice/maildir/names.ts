/**
 * A mailbox's name in three forms: as clients write it (`Archiv/2024`, with the platform's separator), as levels
 * (`['Archiv', '2024']`), and on disk (`.Archiv.2024`, each level in modified UTF-7; INBOX is the Maildir itself).
 *
 * Invariants: the disk form does not depend on the separator, so a folder may be read under another one. A dot or a
 * slash within a level is written `&AC4-` or `&AC8-`, which modified UTF-7 never produces by itself; so no name from
 * the network can leave its Maildir.
 */
import { CausewayError } from '#errors/index.ts';
import { decodeUtf7, encodeUtf7 } from '#wire/imap/utf7.ts';

export type Separator = '/' | '.';

export const INBOX = 'INBOX';

/** 200: with `.` in front and a temporary suffix it stays below the 255 bytes that file systems allow a name. */
const LONGEST = 200;

/** @throws CausewayError `input` for a name that this platform cannot hold */
export function levelsOf(name: string, separator: Separator): string[] {
  const levels = name.split(separator);
  if (levels[0]?.toUpperCase() === INBOX) levels[0] = INBOX;
  for (const level of levels) {
    if (level === '') throw new CausewayError('input', 'a level of the mailbox name is empty');
    // Wildcards in names would make LIST patterns ambiguous; Dovecot and Cyrus refuse them as well.
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u001f\u007f%*]/.test(level)) throw new CausewayError('input', 'a character in the mailbox name is not allowed');
  }
  return levels;
}

/** The name on disk without its leading dot: `INBOX`, `Archiv.2024`. */
export function diskNameOf(name: string, separator: Separator): string {
  const encoded = levelsOf(name, separator).map(encodeLevel).join('.');
  if (encoded.length > LONGEST) throw new CausewayError('input', 'the mailbox name is too long');
  return encoded;
}

/** The client's form of a disk name. */
export function nameOf(diskName: string, separator: Separator): string {
  return diskName.split('.').map(decodeLevel).join(separator);
}

/** The directory of a disk name below the Maildir: '' for INBOX. */
export function directoryOf(diskName: string): string {
  return diskName === INBOX ? '' : `.${diskName}`;
}

function encodeLevel(level: string): string {
  return encodeUtf7(level).replaceAll('.', '&AC4-').replaceAll('/', '&AC8-');
}

function decodeLevel(level: string): string {
  return decodeUtf7(level.replaceAll('&AC4-', '.').replaceAll('&AC8-', '/'));
}
