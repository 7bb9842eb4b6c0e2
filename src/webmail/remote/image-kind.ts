/**
 * What kind of picture some bytes begin.
 *
 * Invariant: only kinds in which nothing can run: never SVG, nor anything else that is text, whatever a server calls it.
 */

/** Of the beginning, as many as the longest of the signatures needs. */
export const HEAD_BYTES = 16;

/** WHATWG MIME Sniffing section 6.1; AVIF's brand by ISO 14496-12 section 4.3. */
export function imageKind(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = bytes.toString('latin1', 0, HEAD_BYTES);
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'image/gif';
  if (text.startsWith('RIFF') && text.slice(8, 14) === 'WEBPVP') return 'image/webp';
  if (text.slice(4, 12) === 'ftypavif' || text.slice(4, 12) === 'ftypavis') return 'image/avif';
  return undefined;
}
