/** Content-Transfer-Encodings undone (RFC 2045 section 6). Any bytes decode to something. */

export type EncodingName = '7bit' | '8bit' | 'binary' | 'base64' | 'quoted-printable';

/** @returns undefined for one that nobody knows: the bytes are then as they are (RFC 8621 section 4.1.4) */
export function encodingOf(value: string | null | undefined): EncodingName | undefined {
  const name = (value ?? '7bit').replaceAll(/\([^()]*\)/g, '').trim().toLowerCase();
  if (name === '' || name === '7bit' || name === '7-bit') return '7bit';
  if (name === '8bit' || name === '8-bit') return '8bit';
  if (name === 'binary' || name === 'base64' || name === 'quoted-printable') return name;
  return undefined;
}

export function decodeTransfer(bytes: Buffer, encoding: EncodingName | undefined): Buffer {
  if (encoding === 'base64') return Buffer.from(bytes.toString('latin1').replaceAll(/[^A-Za-z0-9+/=]/g, ''), 'base64');
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(bytes.toString('latin1'), false);
  return bytes;
}

/**
 * @param text one character a byte
 * @param inWord of a header's encoded word: there are no lines in it
 */
export function decodeQuotedPrintable(text: string, inWord: boolean): Buffer {
  const joined = inWord ? text : joinLines(text);
  return Buffer.from(joined.replaceAll(/=([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1');
}

/** Soft breaks taken out, and white space at the end of lines, which was added on the way. */
function joinLines(text: string): string {
  return text
    .split('\n')
    .map((line, index, lines) => {
      let end = line.length;
      while (end > 0 && ' \t\r'.includes(line[end - 1] as string)) end -= 1;
      if (line[end - 1] === '=') return line.slice(0, end - 1);
      return `${line.slice(0, end)}${index === lines.length - 1 ? '' : line.endsWith('\r') ? '\r\n' : '\n'}`;
    })
    .join('');
}

/** How many bytes a part has when decoded, from the bytes that it has encoded in lines of 76 characters; exact for what is not encoded. */
export function decodedSizeEstimate(encodedSize: number, encoding: EncodingName | undefined): number {
  if (encoding === 'base64') return Math.floor(((encodedSize / 78) * 76 * 3) / 4);
  return encodedSize;
}
