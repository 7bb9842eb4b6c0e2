/**
 * A letter as bytes (RFC 5322), plain text.
 *
 * Invariants: whatever is put in, there are exactly our header fields: a value is printable ASCII in one line, or encoded
 * words (RFC 2047), so no line end of anybody's begins a field or a body. The body is base64: no line of it is a dot, and
 * no server need convert it. A letter made out twice has the same Message-ID.
 */

export type Letter = {
  /** Without the angle brackets. */
  readonly messageId: string;
  readonly from: { readonly name: string; readonly address: string };
  /** An address that `isAddress` knows. */
  readonly to: string;
  readonly subject: string;
  readonly language: string;
  /** Wall time, ms. */
  readonly at: number;
  readonly text: string;
  /** By which one click ends the subscription (RFC 8058); undefined: there is none yet. */
  readonly unsubscribe: string | undefined;
};

/**
 * What a letter is sent to: no quoted local parts, no address literals; letters of other scripts in the domain only as
 * their A-labels. Nothing in it ends an angle bracket or a line.
 */
const ADDRESS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;

export const isAddress = (text: string): boolean => text.length <= 254 && text.lastIndexOf('@') <= 64 && ADDRESS.test(text);

export function writeLetter({ messageId, from, to, subject, language, at, text, unsubscribe }: Letter): Buffer {
  const fields: (readonly [string, string])[] = [
    ['Date', `${new Date(at).toUTCString().replace('GMT', '+0000')}`],
    ['From', `${phrase(from.name)} <${from.address}>`],
    ['To', `<${to}>`],
    ['Subject', words(subject)],
    ['Message-ID', `<${messageId}>`],
    // RFC 3834: no vacation reply comes back.
    ['Auto-Submitted', 'auto-generated'],
    ['Content-Language', language],
    ...(unsubscribe === undefined ? [] : ([['List-Unsubscribe', `<${unsubscribe}>`], ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click']] as const)),
    ['MIME-Version', '1.0'],
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Content-Transfer-Encoding', 'base64'],
  ];
  const body = Buffer.from(text.toWellFormed().replaceAll(/\r\n|\r|\n/g, '\r\n'))
    .toString('base64')
    .replaceAll(/.{76}/g, '$&\r\n');
  return Buffer.from(`${fields.map(([name, value]) => `${name}: ${oneLine(value)}\r\n`).join('')}\r\n${body}\r\n`, 'latin1');
}

/** The last word before the wire: encoded words are folded at their spaces, and nothing else breaks a line. */
function oneLine(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) throw new Error('a header value has characters that were not encoded');
  return value.replaceAll('?= =?', '?=\r\n =?');
}

const flat = (text: string): string => text.toWellFormed().replaceAll(/\p{Cc}+/gu, ' ');

/** Unstructured text. What is long is encoded too, since only encoded words are folded. */
function words(text: string): string {
  const said = flat(text);
  return /^[\x20-\x7e]*$/.test(said) && !said.includes('=?') && said.length <= 200 ? said : encoded(said);
}

/** A display name. */
function phrase(text: string): string {
  const said = flat(text);
  return /^[A-Za-z0-9 ]+$/.test(said) ? said : encoded(said);
}

/** RFC 2047 section 2: an encoded word has at most 75 characters; a character is not split. */
const WORD_BYTES = 45;

function encoded(text: string): string {
  const chunks: string[] = [];
  let chunk = '';
  for (const character of text) {
    if (Buffer.byteLength(chunk + character) > WORD_BYTES) {
      chunks.push(chunk);
      chunk = '';
    }
    chunk += character;
  }
  return [...chunks, chunk].map((each) => `=?UTF-8?B?${Buffer.from(each).toString('base64')}?=`).join(' ');
}
