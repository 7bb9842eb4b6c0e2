/**
 * The header by which a load balancer says whom it speaks for: PROXY protocol, version 1 (a line of text) and 2 (binary),
 * as in HAProxy's proxy-protocol.txt of 2020/03/05, sections 2.1 and 2.2.
 *
 * Invariants: bytes that can no longer become a header are refused at the first that is wrong, so that nobody waits for
 * the rest. What follows the header is never looked at. An address comes out in the one form in which the operating
 * system writes it, IPv4 as IPv4, so that the same client is always the same text.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { CausewayError } from '#errors/index.ts';

export type Origin = { readonly address: string; readonly port: number };

export type ProxyHeader = {
  /** Bytes that it took. */
  readonly length: number;
  /** Undefined: the proxy speaks for itself (LOCAL: a health check) or does not know (UNKNOWN); the socket's own holds. */
  readonly source: Origin | undefined;
};

/** Section 2.1: 107 characters at the most, CRLF included. */
const TEXT_LIMIT = 107;
/** Addresses take 36 bytes, or 216 for unix sockets; the rest is for TLVs, of which cloud balancers send some ten bytes each. */
const BINARY_LIMIT = 4_096;
/** More than any header. */
export const PROXY_HEADER_LIMIT = 16 + BINARY_LIMIT;

const TEXT = Buffer.from('PROXY ');
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n');

/**
 * The header at the start of `bytes`; undefined when more bytes are needed.
 * @throws CausewayError `protocol` when this is no header, `limit` when it is longer than any that is sent
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | undefined {
  if (begins(bytes, TEXT)) return parseText(bytes);
  if (begins(bytes, SIGNATURE)) return parseBinary(bytes);
  throw malformed('it begins otherwise');
}

/**
 * The header that says for whom we connect, in version 1: every server that reads either version reads this one.
 * @param source undefined: for ourselves
 * @param destination the service that we connected to; where only one of the two is IPv4, it is written as IPv6, as
 *   HAProxy does it
 */
export function formatProxyHeader(source: Origin | undefined, destination: Origin): string {
  if (source === undefined) return 'PROXY UNKNOWN\r\n';
  const from = unscoped(source.address);
  const to = unscoped(destination.address);
  if (isIPv4(from) && isIPv4(to)) return `PROXY TCP4 ${from} ${to} ${source.port} ${destination.port}\r\n`;
  if (!isIPv4(from) && !isIPv6(from)) return 'PROXY UNKNOWN\r\n';
  return `PROXY TCP6 ${asIPv6(from)} ${asIPv6(to)} ${source.port} ${destination.port}\r\n`;
}

const unscoped = (address: string): string => address.replace(/%.*$/, '');
const asIPv6 = (address: string): string => (isIPv4(address) ? `::ffff:${address}` : isIPv6(address) ? address : '::');

/** Whether a client's first bytes are a PROXY header, which no mail client sends; undefined when more are needed to say. */
export function isProxyHeader(bytes: Buffer): boolean | undefined {
  const marks = [SIGNATURE, Buffer.from('PROXY TCP4 '), Buffer.from('PROXY TCP6 '), Buffer.from('PROXY UNKNOWN')];
  const meant = marks.filter((mark) => begins(bytes, mark));
  return meant.length === 0 ? false : meant.some((mark) => bytes.length >= mark.length) || undefined;
}

/** Whether `bytes` are `mark` as far as both go. */
function begins(bytes: Buffer, mark: Buffer): boolean {
  const length = Math.min(bytes.length, mark.length);
  return bytes.subarray(0, length).equals(mark.subarray(0, length));
}

function parseText(bytes: Buffer): ProxyHeader | undefined {
  const end = bytes.subarray(0, TEXT_LIMIT).indexOf('\r\n');
  if (end < 0) {
    if (bytes.length >= TEXT_LIMIT) throw new CausewayError('limit', `a PROXY header of more than ${TEXT_LIMIT} bytes`);
    return undefined;
  }
  const length = end + 2;
  const [, family, source = '', destination = '', sourcePort = '', destinationPort = '', ...more] = bytes.toString('latin1', 0, end).split(' ');
  // Section 2.1: whatever stands behind UNKNOWN is ignored.
  if (family === 'UNKNOWN') return { length, source: undefined };
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined;
  if (isAddress === undefined) throw malformed('neither TCP4, TCP6 nor UNKNOWN');
  // A scope (fe80::1%eth0) belongs to the proxy's own links.
  if (!isAddress(source) || !isAddress(destination) || source.includes('%')) throw malformed('no address of its family');
  if (!isPort(sourcePort) || !isPort(destinationPort) || more.length > 0) throw malformed('no port');
  return { length, source: { address: canonical(source), port: Number(sourcePort) } };
}

const isPort = (text: string): boolean => /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;

/** Signature (12), version and command, family and transport, length of what follows (2); addresses, then TLVs. */
function parseBinary(bytes: Buffer): ProxyHeader | undefined {
  const [command = 0x20, family = 0] = bytes.subarray(12, 14);
  if (command !== 0x20 && command !== 0x21) throw malformed('neither LOCAL nor PROXY of version 2');
  // Section 2.2: UNSPEC, INET, INET6, UNIX by UNSPEC, STREAM, DGRAM; the others must be refused.
  if (family >> 4 > 3 || (family & 15) > 2) throw malformed('an unassigned family');
  if (bytes.length < 16) return undefined;
  const size = bytes.readUInt16BE(14);
  if (size > BINARY_LIMIT) throw new CausewayError('limit', `a PROXY header of more than ${BINARY_LIMIT} bytes`);
  const needed = command === 0x20 ? 0 : family === 0x11 ? 12 : family === 0x21 ? 36 : 0;
  if (size < needed) throw malformed('too short for its addresses');
  const length = 16 + size;
  if (bytes.length < length) return undefined;
  if (needed === 0) return { length, source: undefined };
  const width = needed === 12 ? 4 : 16;
  const address = width === 4 ? bytes.subarray(16, 20).join('.') : canonical(hextets(bytes.subarray(16, 32)));
  return { length, source: { address, port: bytes.readUInt16BE(16 + 2 * width) } };
}

const hextets = (bytes: Buffer): string => Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16)).join(':');

/** As the operating system writes it; an IPv4 address in IPv6 (RFC 4291 section 2.5.5.2) as IPv4. */
function canonical(address: string): string {
  const written = new SocketAddress({ address, family: isIPv4(address) ? 'ipv4' : 'ipv6' }).address;
  return written.replace(/^::ffff:(?=[\d.]+$)/, '');
}

function malformed(why: string): CausewayError {
  return new CausewayError('protocol', `no PROXY header: ${why}`);
}
