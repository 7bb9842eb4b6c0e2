import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { cut } from './cut.testing.ts';
import { formatProxyHeader, isProxyHeader, parseProxyHeader, PROXY_HEADER_LIMIT, type ProxyHeader } from './proxy.ts';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

function binary(command: number, family: number, body: Buffer): Buffer {
  const head = Buffer.from([command, family, body.length >> 8, body.length & 255]);
  return Buffer.concat([SIGNATURE, head, body]);
}
const V4 = Buffer.from('c0000207cb007109d43103e1', 'hex'); // 192.0.2.7:54321 to 203.0.113.9:993
const V6 = Buffer.from('20010db800000000000000000000000720010db8000000000000000000000001d43103e1', 'hex');
const TLV = Buffer.from('0400030000ff', 'hex');

/** As a reader does it: chunk by chunk until it is there. */
function feed(chunks: readonly Buffer[]): ProxyHeader | undefined {
  let seen: Buffer = Buffer.alloc(0);
  for (const chunk of chunks) {
    seen = Buffer.concat([seen, chunk]);
    const header = parseProxyHeader(seen);
    if (header !== undefined) return header;
  }
  return undefined;
}

describe('version 1', () => {
  test.each([
    ['PROXY TCP4 192.0.2.7 203.0.113.9 54321 993\r\n', '192.0.2.7', 54321],
    ['PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n', '255.255.255.255', 65535],
    ['PROXY TCP6 2001:DB8:0:0::7 2001:db8::1 0 993\r\n', '2001:db8::7', 0],
    ['PROXY TCP6 ::ffff:192.0.2.7 ::ffff:203.0.113.9 1 993\r\n', '192.0.2.7', 1],
    ['PROXY UNKNOWN\r\n', undefined, 0],
    [`PROXY UNKNOWN ${'f'.repeat(91)}\r\n`, undefined, 0],
  ])('%j', (text, address, port) => {
    const header = parseProxyHeader(Buffer.from(`${text}a LOGIN`));
    expect(header).toEqual({ length: text.length, source: address === undefined ? undefined : { address, port } });
  });

  test.each([
    ['PROXY TCP4 192.0.2.7 203.0.113.9 54321 65536\r\n'],
    ['PROXY TCP4 192.0.2.7 203.0.113.9 054321 993\r\n'],
    ['PROXY TCP4 192.0.2.7 203.0.113.9 -1 993\r\n'],
    ['PROXY TCP4 192.0.2.07 203.0.113.9 1 993\r\n'],
    ['PROXY TCP4  192.0.2.7 203.0.113.9 1 993\r\n'],
    ['PROXY TCP4 192.0.2.7 203.0.113.9 1 993 \r\n'],
    ['PROXY TCP4 192.0.2.7 203.0.113.9 1\r\n'],
    ['PROXY TCP4 ::1 ::1 1 993\r\n'],
    ['PROXY TCP6 192.0.2.7 203.0.113.9 1 993\r\n'],
    ['PROXY TCP6 fe80::1%eth0 ::1 1 993\r\n'],
    ['PROXY UDP4 192.0.2.7 203.0.113.9 1 993\r\n'],
    ['PROXY \r\n'],
    ['proxy TCP4'],
    ['a LOGIN'],
    ['\x16\x03\x01'],
  ])('%j is refused', (text) => {
    expect(() => parseProxyHeader(Buffer.from(text, 'latin1'))).toThrow(CausewayError);
  });

  test('107 bytes without an end are too many, 106 may still end', () => {
    const text = `PROXY UNKNOWN ${'x'.repeat(100)}`;
    expect(parseProxyHeader(Buffer.from(text.slice(0, 106)))).toBeUndefined();
    expect(() => parseProxyHeader(Buffer.from(text.slice(0, 107)))).toThrow(/more than 107/);
  });
});

describe('version 2', () => {
  test.each([
    ['TCP over IPv4', binary(0x21, 0x11, V4), '192.0.2.7'],
    ['TCP over IPv6', binary(0x21, 0x21, V6), '2001:db8::7'],
    ['with TLVs', binary(0x21, 0x11, Buffer.concat([V4, TLV])), '192.0.2.7'],
    ['LOCAL', binary(0x20, 0x00, Buffer.alloc(0)), undefined],
    ['LOCAL with addresses', binary(0x20, 0x11, Buffer.concat([V4, TLV])), undefined],
    ['UNSPEC', binary(0x21, 0x00, TLV), undefined],
    ['unix', binary(0x21, 0x31, Buffer.alloc(216)), undefined],
    ['datagrams', binary(0x21, 0x12, V4), undefined],
  ])('%s', (_, bytes, address) => {
    const header = parseProxyHeader(Buffer.concat([bytes, Buffer.from('a LOGIN')]));
    expect(header).toEqual({ length: bytes.length, source: address === undefined ? undefined : { address, port: 54321 } });
  });

  test.each([
    ['version 1 in binary', binary(0x11, 0x11, V4)],
    ['an unknown command', binary(0x22, 0x11, V4)],
    ['an unassigned family', binary(0x21, 0x41, V4)],
    ['an unassigned transport', binary(0x21, 0x13, V4)],
    ['too short for IPv4', binary(0x21, 0x11, V4.subarray(1))],
    ['too short for IPv6', binary(0x21, 0x21, V4)],
    ['longer than any', binary(0x21, 0x11, Buffer.alloc(4_097))],
  ])('%s is refused', (_, bytes) => {
    expect(() => parseProxyHeader(bytes)).toThrow(CausewayError);
  });
});

test('any chunking gives the same, and bytes behind the header do not matter', () => {
  const header = fc.constantFrom(
    Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.9 54321 993\r\n'),
    Buffer.from('PROXY UNKNOWN whatever\r\n'),
    binary(0x21, 0x11, Buffer.concat([V4, TLV])),
    binary(0x21, 0x21, V6),
    binary(0x20, 0x00, Buffer.alloc(0)),
  );
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 9 })), (bytes, behind, lengths) => {
      expect(feed(cut(Buffer.concat([bytes, behind]), lengths))).toEqual(parseProxyHeader(bytes));
    }),
  );
});

const start = fc.constantFrom('', 'PROXY ', 'PROXY TCP4 ', 'PROXY TCP6 ::', SIGNATURE.toString('latin1'), `${SIGNATURE.toString('latin1')}\x21\x11`);

test('fuzz: any bytes give a header that lies within them, a wait for more, or a CausewayError', () => {
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 200 }), fc.array(fc.integer({ min: 1, max: 30 })), (text, noise, lengths) => {
      const bytes = Buffer.concat([Buffer.from(text, 'latin1'), noise]);
      try {
        expect(feed(cut(bytes, lengths))?.length ?? 0).toBeLessThanOrEqual(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(CausewayError);
      }
    }),
  );
});

test('fuzz: nothing is waited for once the longest header could have come', () => {
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 200 }), (text, noise) => {
      const bytes = Buffer.alloc(PROXY_HEADER_LIMIT, Buffer.concat([Buffer.from(text, 'latin1'), noise, Buffer.of(7)]));
      try {
        expect(parseProxyHeader(bytes)).toBeDefined();
      } catch (error) {
        expect(error).toBeInstanceOf(CausewayError);
      }
    }),
  );
});

test('a client that sends a header is told from one that does not', () => {
  const of = (text: string): boolean | undefined => isProxyHeader(Buffer.from(text, 'latin1'));
  expect([of(''), of('PROXY'), of('PROXY TCP'), of('\r\n')]).toEqual([undefined, undefined, undefined, undefined]);
  expect([of('PROXY TCP4 1'), of('PROXY UNKNOWN\r\n'), isProxyHeader(binary(0x20, 0, TLV))]).toEqual([true, true, true]);
  expect([of('a LOGIN'), of('PROXY NOOP\r\n'), of('\r\na'), of('P1 NOOP')]).toEqual([false, false, false, false]);
});

describe('written', () => {
  test.each([
    ['192.0.2.7', '203.0.113.9', 'PROXY TCP4 192.0.2.7 203.0.113.9 54321 143\r\n'],
    ['2001:db8::7', '2001:db8::1', 'PROXY TCP6 2001:db8::7 2001:db8::1 54321 143\r\n'],
    ['192.0.2.7', '2001:db8::1', 'PROXY TCP6 ::ffff:192.0.2.7 2001:db8::1 54321 143\r\n'],
    ['2001:db8::7', '203.0.113.9', 'PROXY TCP6 2001:db8::7 ::ffff:203.0.113.9 54321 143\r\n'],
    ['fe80::1%eth0', 'fe80::2%eth0', 'PROXY TCP6 fe80::1 fe80::2 54321 143\r\n'],
    ['', '203.0.113.9', 'PROXY UNKNOWN\r\n'],
    [undefined, '203.0.113.9', 'PROXY UNKNOWN\r\n'],
  ])('for %j at %j', (source, destination, header) => {
    expect(formatProxyHeader(source === undefined ? undefined : { address: source, port: 54321 }, { address: destination, port: 143 })).toBe(header);
  });

  test('is read back as what was written, whatever the addresses', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    const port = fc.integer({ min: 0, max: 65_535 });
    fc.assert(
      fc.property(address, port, address, port, (from, fromPort, to, toPort) => {
        const header = formatProxyHeader({ address: from, port: fromPort }, { address: to, port: toPort });
        const canonical = parseProxyHeader(Buffer.from(`PROXY TCP6 ${from.includes(':') ? from : `::ffff:${from}`} :: ${fromPort} 0\r\n`));
        expect(parseProxyHeader(Buffer.from(header))).toEqual({ length: header.length, source: canonical?.source });
      }),
    );
  });
});
