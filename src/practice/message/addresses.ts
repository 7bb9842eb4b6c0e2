/** Address lists of header fields (RFC 5322 section 3.4), as far as an ENVELOPE needs them. */

/** A group's start has a mailbox and no host, its end neither (RFC 3501 7.4.2). */
export type Address = { readonly name?: string; readonly mailbox?: string; readonly host?: string };

/** 1,000: more recipients than a header that a person could read has. */
const MOST = 1_000;

export function parseAddresses(value: string): Address[] {
  const out: Address[] = [];
  let words: string[] = [];
  let angle: string | undefined;
  let comment = '';
  let inGroup = false;

  function finish(): void {
    const text = words.join(' ').trim();
    const spec = angle ?? text.replaceAll(' ', '');
    words = [];
    const name = angle === undefined ? comment : text || comment;
    angle = undefined;
    comment = '';
    if (spec === '' && name === '') return;
    // A source route (`@a,@b:user@host`) is obsolete and dropped.
    const plain = spec.startsWith('@') ? spec.slice(spec.indexOf(':') + 1) : spec;
    const at = plain.lastIndexOf('@');
    out.push({
      ...(name === '' ? {} : { name }),
      mailbox: at < 0 ? plain : plain.slice(0, at),
      host: at < 0 ? '' : plain.slice(at + 1),
    });
  }

  // Alternatives that cannot match the same text twice: linear on hostile input.
  const token = /"((?:[^"\\]|\\[^])*)"?|\(([^()]*)\)?|<([^<>]*)>?|[,;:]|[^\s"(<,;:]+/g;
  for (const [text, quoted, inComment, inAngle] of value.matchAll(token)) {
    if (out.length >= MOST) break;
    if (quoted !== undefined) words.push(quoted.replaceAll(/\\([^])/g, '$1'));
    else if (inComment !== undefined) comment = inComment.trim();
    else if (inAngle !== undefined) angle = inAngle.trim();
    else if (text === ',') finish();
    else if (text === ':' && !inGroup) {
      out.push({ mailbox: words.join(' ') });
      words = [];
      inGroup = true;
    } else if (text === ';') {
      finish();
      if (inGroup) out.push({});
      inGroup = false;
    } else words.push(text);
  }
  finish();
  if (inGroup) out.push({});
  return out;
}
