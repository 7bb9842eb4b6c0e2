/**
 * A mailbox's name as people write it, whatever the platform's separator: modified UTF-7 undone, `/` between levels.
 * The rehearsal's own decoder, so that a mistake in the mover's cannot hide itself.
 */
export function decodeMailbox(wire: string, separator: string): string {
  const levels = wire.split(separator).map((level) =>
    level.replace(/&([^-]*)-/g, (_, encoded: string) => {
      if (encoded === '') return '&';
      const bytes = Buffer.from(encoded.replaceAll(',', '/'), 'base64');
      return bytes.subarray(0, bytes.length & ~1).swap16().toString('utf16le');
    }),
  );
  const name = levels.join('/');
  return /^inbox$/i.test(name) ? 'INBOX' : name;
}
