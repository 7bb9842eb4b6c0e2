/** RFC 7888 section 5: LITERAL- (and so IMAP4rev2) lets literals of up to this many bytes follow at once. */
const LITERAL_MINUS = 4096;

/**
 * With LITERAL+ a server must read whatever follows, even what it then refuses: beyond this, a round trip is cheaper
 * than megabytes sent in vain.
 */
const LITERAL_PLUS = 1024 * 1024;

/**
 * Whether a literal of `size` bytes may be sent without awaiting the server's `+`.
 * @param asksFirst no literal of a message's size does, whatever the server offers
 */
export function mayFollow(size: number, capabilities: ReadonlySet<string>, asksFirst = false): boolean {
  if (asksFirst && size > LITERAL_MINUS) return false;
  if (capabilities.has('LITERAL+')) return size <= LITERAL_PLUS;
  return (capabilities.has('LITERAL-') || capabilities.has('IMAP4REV2')) && size <= LITERAL_MINUS;
}
