import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressKey, asciiDomain, faultOf, formatAddress, parseRecipients, withoutTwins } from './recipients.ts';

const emails = (text: string): string[] => parseRecipients(text).map(({ email }) => email);

test('lists as programs copy them', () => {
  expect(parseRecipients('Ada Byron <ada@isp.example>, "Hopper, Grace" <grace@isp.example>; joe@isp.example')).toEqual([
    { name: 'Ada Byron', email: 'ada@isp.example' },
    { name: 'Hopper, Grace', email: 'grace@isp.example' },
    { name: null, email: 'joe@isp.example' },
  ]);
  expect(emails('a@isp.example\nb@isp.example\r\n\tc@isp.example ; ')).toEqual(['a@isp.example', 'b@isp.example', 'c@isp.example']);
  expect(emails('a@isp.example b@isp.example')).toEqual(['a@isp.example', 'b@isp.example']);
});

test('a comma in a name that nobody quoted', () => {
  expect(parseRecipients('Byron, Ada <ada@isp.example>; Hopper, Grace <grace@isp.example>')).toEqual([
    { name: 'Byron, Ada', email: 'ada@isp.example' },
    { name: 'Hopper, Grace', email: 'grace@isp.example' },
  ]);
  expect(parseRecipients('joe, ada@isp.example')).toEqual([{ name: null, email: 'joe' }, { name: null, email: 'ada@isp.example' }]);
});

test('quotes within names, comments, groups, links', () => {
  expect(parseRecipients(String.raw`"Ada \"Countess\" B" <ada@isp.example>`)).toEqual([{ name: 'Ada "Countess" B', email: 'ada@isp.example' }]);
  expect(parseRecipients('ada@isp.example (Ada)')).toEqual([{ name: 'Ada', email: 'ada@isp.example' }]);
  expect(emails('Friends: ada@isp.example, joe@isp.example;')).toEqual(['ada@isp.example', 'joe@isp.example']);
  expect(emails('mailto:ada@isp.example, <mailto:joe@isp.example>')).toEqual(['ada@isp.example', 'joe@isp.example']);
  expect(parseRecipients("'Ada' <ada@isp.example>")).toEqual([{ name: 'Ada', email: 'ada@isp.example' }]);
  expect(parseRecipients('Ada Byron ada@isp.example')).toEqual([{ name: 'Ada Byron', email: 'ada@isp.example' }]);
});

test('what hides or turns text is not in an address', () => {
  expect(emails('ada\u{200b}@isp.example')).toEqual(['ada@isp.example']);
  expect(parseRecipients('\u{202e}evil <ada@isp.example>')).toEqual([{ name: 'evil', email: 'ada@isp.example' }]);
});

test('nobody is there twice, and a name that is known is kept', () => {
  expect(parseRecipients('ada@isp.example, Ada <ADA@isp.example>')).toEqual([{ name: 'Ada', email: 'ada@isp.example' }]);
  expect(withoutTwins([{ name: null, email: 'x@bücher.example' }, { name: null, email: 'x@xn--bcher-kva.example' }])).toHaveLength(1);
  expect(addressKey({ email: 'X@Bücher.example' })).toBe('x@xn--bcher-kva.example');
});

test('what mail cannot go to says why', () => {
  const fault = (email: string): string | undefined => faultOf({ name: null, email });
  expect(fault('ada@isp.example')).toBeUndefined();
  expect(fault("o'neil+x=y@sub.isp.example")).toBeUndefined();
  expect(fault('ada@bücher.example')).toBeUndefined();
  expect(fault('ada')).toBe('no-at');
  expect(fault('@isp.example')).toBe('before-at');
  expect(fault(`${'a'.repeat(65)}@isp.example`)).toBe('before-at');
  expect(fault('a b@isp.example')).toBe('before-at');
  expect(fault('jürgen@isp.example')).toBe('letters');
  for (const domain of ['isp', 'isp..example', '-isp.example', 'isp.example/x', '127.0.0.1', '', 'isp,example']) expect(fault(`ada@${domain}`), domain).toBe('domain');
  expect(asciiDomain('例え.example')).toMatch(/^xn--/);
});

test('any list of addresses is read back as it was written', () => {
  const email = fc.tuple(fc.stringMatching(/^[a-z0-9._+-]{1,20}$/), fc.stringMatching(/^[a-z]{1,10}\.example$/)).map(([local, domain]) => `${local}@${domain}`);
  const name = fc.option(fc.string({ unit: fc.constantFrom(...'abZ ,;:"\\<>()@\'.äé漢'), minLength: 1, maxLength: 20 }).map((text) => text.replaceAll(/\s+/g, ' ').trim()).filter((text) => text !== '' && !/^'.*'$/.test(text)), { nil: null });
  const list = fc.array(fc.record({ name, email }), { maxLength: 8 }).map(withoutTwins);
  fc.assert(fc.property(list, (addresses) => {
    expect(parseRecipients(addresses.map(formatAddress).join(', '))).toEqual(addresses);
  }));
});

test('no text makes it fail, and none is lost silently', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'a@.,;<>"()\\: \n'), maxLength: 60 }), (text) => {
    const parsed = parseRecipients(text);
    for (const one of parsed) expect(['undefined', 'string']).toContain(typeof faultOf(one));
    if (/[a@]/.test(text.replaceAll(/[^a]/g, ''))) expect(parsed.length).toBeGreaterThan(0);
  }));
});
