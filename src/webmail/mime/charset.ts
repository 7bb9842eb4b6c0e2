/** Bytes to text by a charset's label, as real mail has them: wrong, missing, or of no charset that anybody knows. */
import { isAscii } from 'node:buffer';

export type Decoded = {
  readonly text: string;
  /** The charset is unknown, or bytes were found that it does not have. */
  readonly isProblem: boolean;
};

/** Labels of mail that the Encoding Standard does not have, or has for another use. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['cp932', 'shift_jis'],
  ['cp936', 'gbk'],
  ['cp949', 'euc-kr'],
  ['cp950', 'big5'],
  ['ks_c_5601', 'euc-kr'],
  ['ansi_x3.110-1983', 'windows-1252'],
  ['unicode-1-1-utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
]);

/** What says of itself that it is ASCII, or nothing, is tried as UTF-8 first: text that is valid UTF-8 by chance does not occur. */
const UNSAID = new Set(['', 'us-ascii', 'ascii', 'ansi_x3.4-1968', 'unknown-8bit', 'unknown', '8bit', 'default', 'x-unknown', 'none']);

export function decodeCharset(bytes: Buffer, label: string | null | undefined): Decoded {
  const name = (label ?? '').trim().toLowerCase().replaceAll(/^["']+|["']+$/g, '');
  if (UNSAID.has(name)) {
    if (isAscii(bytes)) return { text: bytes.toString('latin1'), isProblem: false };
    const text = strictly('utf-8', bytes) ?? new TextDecoder('windows-1252').decode(bytes);
    return { text, isProblem: true };
  }
  const decoder = decoderOf(ALIASES.get(name) ?? name);
  if (decoder === undefined) {
    const text = strictly('utf-8', bytes) ?? new TextDecoder('windows-1252').decode(bytes);
    return { text, isProblem: true };
  }
  const exact = strictly(decoder.encoding, bytes);
  if (exact !== undefined) return { text: exact, isProblem: false };
  return { text: decoder.decode(bytes), isProblem: true };
}

/** What stands for itself in a header although it is not ASCII: UTF-8 (RFC 6532) where it is that, else Windows' Latin. */
export function decodeBare(bytes: Buffer): string {
  return strictly('utf-8', bytes) ?? new TextDecoder('windows-1252').decode(bytes);
}

function decoderOf(label: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    const decoder = new TextDecoder(label);
    // The standard makes one U+FFFD of all that is in charsets that are dangerous in browsers (ISO-2022-KR, HZ).
    return decoder.encoding === 'replacement' ? undefined : decoder;
  } catch {
    return undefined;
  }
}

function strictly(encoding: string, bytes: Buffer): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}
