/** Modified UTF-7, the form of mailbox names on the wire (RFC 3501 section 5.1.3). */

/** Printable ASCII stands for itself, `&` is `&-`, all else is UTF-16 in base64 with `,` for `/`. */
export function encodeUtf7(name: string): string {
  return name.replaceAll(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-';
    const utf16 = Buffer.from(run, 'utf16le').swap16();
    return `&${utf16.toString('base64').replaceAll('/', ',').replace(/=+$/, '')}-`;
  });
}

/**
 * The name in Unicode. What is not exactly what `encodeUtf7` makes is returned unchanged (bytes read as UTF-8), so that
 * a name is never taken for another: servers hold names in bare UTF-8, and with a bare `&`.
 */
export function decodeUtf7(name: Buffer | string): string {
  const text = typeof name === 'string' ? name : name.toString();
  if (!text.includes('&')) return text;
  const decoded = text.replaceAll(/&([A-Za-z0-9+,]*)-/g, (_, run: string) => {
    if (run === '') return '&';
    const utf16 = Buffer.from(run.replaceAll(',', '/'), 'base64');
    return utf16.length % 2 === 0 ? utf16.swap16().toString('utf16le') : '';
  });
  return decoded.isWellFormed() && encodeUtf7(decoded) === text ? decoded : text;
}
