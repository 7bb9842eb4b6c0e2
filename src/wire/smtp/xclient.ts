/**
 * XCLIENT (Postfix's XCLIENT_README): what a trusted proxy says of the client for whom it speaks.
 *
 * Invariant: a value goes as xtext (RFC 3461 section 4), so that none ends the line or begins another attribute.
 */

export type XclientAttributes = ReadonlyMap<string, string>;

/** Names and values in order, as they go behind `XCLIENT `. */
export function formatXclient(attributes: Iterable<readonly [string, string]>): string {
  return [...attributes].map(([name, value]) => `${name}=${toXtext(value)}`).join(' ');
}

/** @returns undefined when it is of another form. Names in upper case. */
export function parseXclient(rest: string): XclientAttributes | undefined {
  const attributes = new Map<string, string>();
  for (const each of rest.split(/\s+/)) {
    const [, name, xtext] = /^([A-Z_]{1,20})=(\S*)$/i.exec(each) ?? [];
    const value = xtext === undefined ? undefined : fromXtext(xtext);
    if (name === undefined || value === undefined) return undefined;
    attributes.set(name.toUpperCase(), value);
  }
  return attributes;
}

/** As ADDR is written: IPv6 with a prefix (RFC 5321 section 4.1.3), without its scope, which belongs to our links. */
export function xclientAddress(address: string): string {
  return address.includes(':') ? `IPV6:${address.replace(/%.*$/, '')}` : address;
}

function toXtext(value: string): string {
  return [...Buffer.from(value)]
    .map((byte) => (byte < 0x21 || byte > 0x7e || byte === 0x2b || byte === 0x3d ? `+${byte.toString(16).toUpperCase().padStart(2, '0')}` : String.fromCharCode(byte)))
    .join('');
}

function fromXtext(xtext: string): string | undefined {
  if (!/^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/i.test(xtext)) return undefined;
  const bytes = xtext.replaceAll(/\+([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
