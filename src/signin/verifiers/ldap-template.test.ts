import fc from 'fast-check';
import { DN, FilterParser } from 'ldapts';
import { describe, expect, test } from 'vitest';
import { escapeDnValue, escapeFilterValue, fillDn, fillFilter } from './ldap-template.ts';

describe('a DN', () => {
  test.each([
    ['ann', 'ann'],
    ['James "Jim" Smith, III', 'James \\"Jim\\" Smith\\, III'], // RFC 4514 section 4
    ['#hash', '\\#hash'],
    [' both ', '\\ both\\ '],
    [' ', '\\ '],
    ['a=b+c;d<e>f\\g', 'a\\=b\\+c\\;d\\<e\\>f\\\\g'],
    ['Before\0After', 'Before\\00After'],
    ['', ''],
  ])('has %j as %j', (value, escaped) => {
    expect(escapeDnValue(value)).toBe(escaped);
  });

  test('is filled with the parts of the login name', () => {
    expect(fillDn('uid={local},ou={domain},cn={login}', 'a,b@x@example.org')).toBe('uid=a\\,b@x,ou=example.org,cn=a\\,b@x@example.org');
    expect(fillDn('uid={local},o={domain}', 'ann')).toBe('uid=ann,o=');
    expect(fillDn('uid={local}', '{domain}@x')).toBe('uid={domain}');
  });

  test('stays one value, whatever is put in', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab ,+=#"\\<>;{}'), minLength: 1 }), (value) => {
        // Each character of the escaped form is plain, or a backslash and the one that it protects.
        const escaped = escapeDnValue(value);
        expect(escaped).toMatch(/^(?:[^"+,;<=>\\]|\\["+,;<=>\\ #])*$/);
        expect(escaped.replaceAll(/\\(.)/g, '$1')).toBe(value);
        expect(escaped).not.toMatch(/^[ #]/);
        expect(escaped).not.toMatch(/(?<!\\)(?:\\\\)* $/);
      }),
    );
    expect(new DN({ uid: 'x' }).toString()).toBe('uid=x');
  });
});

describe('a filter', () => {
  test('has RFC 4515 escapes', () => {
    expect(escapeFilterValue('Parens R Us (for all *) \\ \0')).toBe('Parens R Us \\28for all \\2a\\29 \\5c \\00');
    expect(fillFilter('(|(mail={login})(uid={local}))', '*)(uid=*@x')).toBe('(|(mail=\\2a\\29\\28uid=\\2a@x)(uid=\\2a\\29\\28uid=\\2a))');
  });

  test('stays one comparison, whatever is put in', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const filter = FilterParser.parseString(fillFilter('(mail={login})', value));
        expect(filter).toMatchObject({ attribute: 'mail' });
      }),
    );
  });
});
