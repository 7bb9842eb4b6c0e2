/**
 * Messages written: fields, texts, attachments.
 *
 * Invariants: every line ends in CRLF and has at most 998 bytes; the message is 7 bit clean; a boundary occurs in no part.
 */
import { randomBytes } from 'node:crypto';

export type OutPart = {
  /** Lines of the part's header with their CRLF, Content-Transfer-Encoding left out. */
  readonly header: string;
  readonly content: OutContent;
};

export type OutContent =
  | { readonly text: string }
  /** A message: sent as it is, or it could not be read (RFC 2046 section 5.2.1). */
  | { readonly message: Buffer }
  | { readonly bytes: Buffer }
  | { readonly parts: readonly OutPart[]; readonly subtype: string };

export function writePart({ header, content }: OutPart): Buffer {
  if ('parts' in content) return writeMultipart(header, content.parts, content.subtype);
  if ('message' in content) {
    const is7bit = !content.message.some((byte) => byte > 126);
    return Buffer.concat([Buffer.from(`${header}Content-Transfer-Encoding: ${is7bit ? '7bit' : '8bit'}\r\n\r\n`), content.message]);
  }
  const [encoding, body] = 'text' in content ? encodeText(content.text) : (['base64', base64Lines(content.bytes)] as const);
  return Buffer.from(`${header}Content-Transfer-Encoding: ${encoding}\r\n\r\n${body}`);
}

function writeMultipart(header: string, parts: readonly OutPart[], subtype: string): Buffer {
  // 144 bits by chance are in no part.
  const boundary = `=_${randomBytes(18).toString('base64url')}`;
  const pieces: Buffer[] = [Buffer.from(`${header}Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n`)];
  for (const part of parts) pieces.push(Buffer.from(`--${boundary}\r\n`), writePart(part), CRLF);
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return Buffer.concat(pieces);
}

const CRLF = Buffer.from('\r\n');

/** As it is where every server takes that, else in quoted-printable. */
export function encodeText(text: string): readonly ['7bit' | 'quoted-printable', string] {
  const lines = text.toWellFormed().replaceAll('\0', '\u{fffd}').split(/\r\n|\r|\n/);
  const plain = lines.every((line) => line.length <= 900 && /^[\x20-\x7e\t]*$/.test(line) && !/^(?:From |\.$)/.test(line) && !/[ \t]$/.test(line));
  if (plain) return ['7bit', lines.join('\r\n')];
  return ['quoted-printable', lines.map(quotedPrintableLine).join('\r\n')];
}

function quotedPrintableLine(line: string): string {
  const out: string[] = [];
  let length = 0;
  const bytes = Buffer.from(line);
  for (const [at, byte] of bytes.entries()) {
    const isSpace = byte === 0x20 || byte === 0x09;
    const plain = (byte > 0x20 && byte < 0x7f && byte !== 0x3d && !(length === 0 && (byte === 0x2e || byte === 0x46))) || (isSpace && at < bytes.length - 1);
    const piece = plain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    if (length + piece.length > 75) {
      out.push('=\r\n');
      length = 0;
    }
    out.push(piece);
    length += piece.length;
  }
  return out.join('');
}

function base64Lines(bytes: Buffer): string {
  const text = bytes.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += 76) lines.push(text.slice(at, at + 76));
  return `${lines.join('\r\n')}\r\n`;
}
