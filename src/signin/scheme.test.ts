import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseScheme, schemeFault, wantsRehash } from './scheme.ts';
import { makeHash } from './schemes/argon2.ts';

/** Made by `doveadm pw -s SCHEME -p pässword` of Dovecot 2.3.19. */
const DOVECOT = [
  '{ARGON2I}$argon2i$v=19$m=32768,t=3,p=1$GkACX/SVaz5D8gjiDV2UuQ$TnjcVDfQsWzEjvsHen7ppMy07ApHlJANe3tiU/UGj7w',
  '{ARGON2ID}$argon2id$v=19$m=262144,t=3,p=1$HaatT0J1cilKU1P8xrm38g$bwuSLEaBSfQQkccbyMtF5gWP72T3+gYb3fA2H/ndnxk',
  '{BLF-CRYPT}$2y$05$OXZS.wWjeR351.tp1JOGO.i06YIouJ8yXMLtIYMcixBtoAzHMtjC.',
  '{CRYPT}$2y$05$of2Zsw0R9p2J3CUB5cN33ORe.aFd9ItegkLTRD8dl2N/O4UmbAyRq',
  '{SHA512-CRYPT}$6$oG81tWyx7vs6Dzpa$x5/6uYF1TxnFE9n1bmlFz97ePwuxbHaHcpUCoVAG.toSpNvL6lZ2RiPbMvi5kSHzSI3L5qk1F93rE7iM90NeZ1',
  '{SHA512-CRYPT.B64}JDYkS2N0VHh0cUxqbkF2Q3Q3VSRkRG14eTVSbC9zS2ZXQ1RFdkI0NWRZTXMyWFZZLkY0Z0VxYlRmaXRNcVB1WjFTbFJKRHpITjBQVjRyZ3lmcGw0L2ZSdHNOM21RZC8yejZURUF4VlIzMQ==',
  '{SHA256-CRYPT}$5$4BCe6SJQqtk41KZl$YooUiqnomBcoedQAT6oXGVtl6mvJoc2Tdi3QoBXxh9D',
  '{MD5-CRYPT}$1$S2O4W8W5$hJCpYphhaqd58V1bl05o3.',
  '{MD5}$1$vTcbbv11$dCSO6I3vsIed7M53GSe520',
  '{SSHA}dKlZqhzIm76IESj/jB6S2eP8n0VeT95m',
  '{SSHA.HEX}9d5719e8f1309026a14e63dd88d5f25955f24d058cb3de6e',
  '{SSHA256}Azz5MLqCrPTwEWVqVphsVKokSkzGSUVwvCc2r041/ngSRxYc',
  '{SSHA512}edapyY/tdaz1VhE4QQ1XX6ysW22O+p46ifR4fVtm49xt146E2jb3e9NS8NVSsUfDPvRACIFkLWrH2ZOHYheW5uh/dm0=',
  '{SSHA512.B64}ZdLXeidwJ7qPTIY5ZESjxrDurR0ZRaCg4rgKiWaIU6RIa/QI8VKpZ7tW6EfXET73V2Kdd0smRgG9rETfisSRcUMIlKs=',
  '{SHA}I7dElEdfX4dJgLdnbVEeI9iG2mQ=',
  '{SHA1}I7dElEdfX4dJgLdnbVEeI9iG2mQ=',
  '{SHA256}NHgme1YSeRtAmIkGs6eJfrarUB4EuV7TL5nQr99mnZw=',
  '{SHA256.HEX}3478267b5612791b40988906b3a7897eb6ab501e04b95ed32f99d0afdf669d9c',
  '{SHA512}KF3icbSeAO9oGc8Ku/AxXpfCXLo2FhZ8dw78Umxki03hH0sA3HH67TOjEse6g2kNPtFKqq32tiKqSJlv8H7IpA==',
  '{SMD5}c67Ra0hogPQV9fRoLR2ELar4ut8=',
  '{PLAIN-MD5}8e1843033a0f6ee52e2f618aa8ebbef4',
  '{PLAIN-MD5.B64}jhhDAzoPbuUuL2GKqOu+9A==',
  '{LDAP-MD5}jhhDAzoPbuUuL2GKqOu+9A==',
  '{PBKDF2}$1$B0t76Z0uXuCnigEP$5000$96e2e862939fff1184198e2a26036c5fdf70e086',
  '{SCRAM-SHA-1}4096,j7chKAGtEYnULorNAmcYOA==,iqCO6C6uXTbr8k6x56li/cPKQHQ=,hRGVDr8kxXkslB0p0IejxXEb4DA=',
  '{SCRAM-SHA-256}4096,6u62Hcxb8XVTnbhWVoRo7A==,ej6bWMD3RuifyengpLECuxIaDYu3K8qrEIsmpcxB56Q=,OnB/973Y5mpgn4ELELQYvyb0aBCJ989HXggPQdcgnkc=',
  '{SCRAM-SHA-256.B64}NDA5NixqaUM4RWs2TFFMeFZXbVRtbUpwZzhRPT0sMFZkZzhpd0Q5Qk5WeVVrVmdNV2tZalQwNXdFSXJuRlpTQXFrTExFWEo5QT0sWUVoRFNXbzZKMXUvdUFGaXQ0NWVSNTlnNlpQVUZ1VjdQTU55VnZLVnJ6ND0=',
];

/** From the specifications, their authors' tests, and Debian's libcrypt. */
const PUBLISHED: readonly (readonly [string, string, string])[] = [
  ["Drepper's SHA-crypt, second vector", '$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.', 'Hello world!'],
  ["libcrypt's $5$", '{CRYPT}$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5', 'Hello world!'],
  ["libcrypt's $5$ with the default rounds written out", '$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5', 'This is just a test'],
  ["libcrypt's $2a$, of nothing", '{BCRYPT}$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.', ''],
  ['OpenBSD bcrypt, $2b$', '$2b$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe', 'a'],
  ['RFC 5802 section 5', '{SCRAM-SHA-1}4096,QSXCR+Q6sek8bf92,6dlGYMOdZcOPutkcNY8U2g7vK9Y=,D+CSWLOshSulAsxiupA+qs2/fTE=', 'pencil'],
  ['RFC 7677 section 3', '{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=', 'pencil'],
  ["OpenSSL's MD5-crypt", '$1$xxxxxxxx$UYCIxa628.9qXjpQCjM4a.', 'password'],
  ['MD5-crypt with no salt', '{MD5-CRYPT}$1$$qRPK7m23GJusamGpoGLby/', ''],
  // Made by crypt(3) of libcrypt 4.4.33, through Python's crypt module.
  ['yescrypt with Debian\'s parameters', '{CRYPT}$y$j9T$F5Jx5fExrKuPp53xLKQ..1$zwtVrjrUCmXcyLTs6oxLTQlzifSUkF8RHJ./tK5KU79', 'correct horse'],
  ['yescrypt of bytes above 127', '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$ac9Tu4S4yfFs1JWLd/8oEDHorxXlLtJHEQiR5HPHY46', 'p\u00e4ssw\u00f6rt'],
  ['gost-yescrypt', '$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$swDwqc9roxMj9t43.TdN6v6uEgFlLv6oDhMVx4g6bhA', 'x'],
  ['DES', '{CRYPT}abNANd1rDfiNc', 'secret'],
  ['DES of nothing', '{DES-CRYPT}./Una9Fi.seRo', ''],
  ['MD5 of RFC 1321', '{MD5}900150983cd24fb0d6963f7d28e17f72', 'abc'],
];

describe('a hash', () => {
  test.each(DOVECOT)("%s, of Dovecot's", (encoded) => {
    const parsed = parseScheme(encoded)!;
    expect(parsed.matches('pässword')).toBe(true);
    expect(parsed.matches('password')).toBe(false);
    expect(parsed.matches('')).toBe(false);
    expect(schemeFault(encoded)).toBeUndefined();
    expect(wantsRehash(encoded, 'pässword')).toBe(true);
  });

  test.each(PUBLISHED)('%s', (_name, encoded, secret) => {
    const parsed = parseScheme(encoded)!;
    expect(parsed.matches(secret)).toBe(true);
    expect(parsed.matches(`${secret}x`)).toBe(false);
  });

  test('of bcrypt counts 72 bytes, as Dovecot does', () => {
    const parsed = parseScheme('{BLF-CRYPT}$2y$05$Zshy5cfy6wTGsSlxxu9kMO0itx0iUxbguuIV49yOV2OQ7FPrUGz5m')!;
    expect(parsed.matches('é'.repeat(50))).toBe(true);
    expect(parsed.matches('é'.repeat(36))).toBe(true);
    expect(parsed.matches('é'.repeat(35))).toBe(false);
  });

  test('of DES counts eight characters, and is hashed anew of fewer only: a device with another end is right too', () => {
    const encoded = '{CRYPT}zZska7stIxjcY';
    const parsed = parseScheme(encoded)!;
    expect(['test1234', 'test1234 and more', 'test123'].map((secret) => parsed.matches(secret))).toEqual([true, true, false]);
    expect(['test1234', 'test1234 and more', 'secret', 'ümlaut'].map((secret) => wantsRehash(encoded, secret))).toEqual([false, false, true, false]);
    const bcrypt = '{BLF-CRYPT}$2y$05$Zshy5cfy6wTGsSlxxu9kMO0itx0iUxbguuIV49yOV2OQ7FPrUGz5m';
    expect(['é'.repeat(36), 'é'.repeat(35)].map((secret) => wantsRehash(bcrypt, secret))).toEqual([false, true]);
  });

  test('of SCRAM takes the prepared secret too', () => {
    const salted = pbkdf2Sync('IX', 'salt', 1000, 20, 'sha1');
    const storedKey = createHash('sha1').update(createHmac('sha1', salted).update('Client Key').digest()).digest('base64');
    const parsed = parseScheme(`{SCRAM-SHA-1}1000,c2FsdA==,${storedKey},AAAAAAAAAAAAAAAAAAAAAAAAAAA=`)!;
    // RFC 4013 section 3: U+2168 ROMAN NUMERAL NINE is prepared to "IX".
    expect(['\u2168', 'IX', 'X'].map((secret) => parsed.matches(secret))).toEqual([true, true, false]);
  });

  test('of our own wants no other', () => {
    const encoded = makeHash('s3cret');
    expect(parseScheme(encoded)!.matches('s3cret')).toBe(true);
    expect(wantsRehash(encoded, 's3cret')).toBe(false);
    expect(wantsRehash(encoded.replace('{ARGON2ID}', ''), 's3cret')).toBe(false);
  });
});

const SALT = 'AAAAAAAAAAA';
const KEY = 'A'.repeat(22);

describe('what cannot be checked', () => {
  test.each([
    ['', 'the scheme that has no prefix cannot be checked'],
    ['hunter2', 'the scheme that has no prefix cannot be checked'],
    ['{PLAIN}hunter2', 'the scheme {PLAIN} cannot be checked'],
    ['{NTLM}8846F7EAEE8FB117AD06BDD830B7586C', 'the scheme {NTLM} cannot be checked'],
    ['{constructor}x', 'the scheme {CONSTRUCTOR} cannot be checked'],
    ['{DES-CRYPT}dl4BD1CG.Ulyp', 'the hash is not of the form of {DES-CRYPT}'],
    ['{CRYPT}dl4BD1CG.Ulyox', 'the hash is not of the form of {CRYPT} of DES'],
    ['{CRYPT}$y$j9T$abc$def', 'the hash is not of the form of {CRYPT}$y$'],
    [`{CRYPT}$y$jHT$F5Jx5fExrKuPp53xLKQ..1$${'a'.repeat(43)}`, 'the hash has {CRYPT}$y$ with more memory or rounds than one check may take'],
    ['{CRYPT}$sha1$40000$salt$hash', 'the scheme {CRYPT}$sha1$ cannot be checked'],
    ['$2x$05$OXZS.wWjeR351.tp1JOGO.i06YIouJ8yXMLtIYMcixBtoAzHMtjC.', 'the scheme $2x$ cannot be checked'],
    [`{SHA256-CRYPT}$argon2id$v=19$m=19456,t=2,p=1$${SALT}$${KEY}`, 'the hash is not of the form of {SHA256-CRYPT}'],
    [`{CRYPT}$argon2id$v=19$m=19456,t=2,p=1$${SALT}$${KEY}`, 'the hash is not of the form of {CRYPT}'],
    ['{ARGON2ID}', 'the hash is not of the form of {ARGON2ID}'],
    [`$argon2id$v=16$m=19456,t=2,p=1$${SALT}$${KEY}`, 'the hash is not of the form of $argon2id$'],
    [`{ARGON2ID}$argon2i$v=19$m=19456,t=2,p=1$${SALT}$${KEY}`, 'the hash is not of the form of {ARGON2ID}'],
    [`$argon2id$v=19$m=4194304,t=1,p=1$${SALT}$${KEY}`, 'the hash has $argon2id$ with more memory or rounds than one check may take'],
    [`$argon2id$v=19$m=262144,t=9,p=1$${SALT}$${KEY}`, 'the hash has $argon2id$ with more memory or rounds than one check may take'],
    [`$6$rounds=500$salt$${'a'.repeat(86)}`, 'the hash is not of the form of $6$'],
    [`$6$rounds=0999$salt$${'a'.repeat(86)}`, 'the hash is not of the form of $6$'],
    [`$6$$${'a'.repeat(86)}`, 'the hash is not of the form of $6$'],
    [`$6$salt$${'a'.repeat(85)}`, 'the hash is not of the form of $6$'],
    [`{SHA512-CRYPT}$6$rounds=2000000$salt$${'a'.repeat(86)}`, 'the hash has {SHA512-CRYPT} with more memory or rounds than one check may take'],
    ['{BCRYPT}$2y$14$OXZS.wWjeR351.tp1JOGO.i06YIouJ8yXMLtIYMcixBtoAzHMtjC.', 'the hash has {BCRYPT} with more memory or rounds than one check may take'],
    ['{BCRYPT}$2y$05$OXZS.wWjeR351.tp1JOGO.i06YIouJ8yXMLtIYMcixBtoAzHMtjB', 'the hash is not of the form of {BCRYPT}'],
    ['{PBKDF2}$1$salt$9999999$96e2e862939fff1184198e2a26036c5fdf70e086', 'the hash has {PBKDF2} with more memory or rounds than one check may take'],
    ['{SCRAM-SHA-1}999999999,QSXCR+Q6sek8bf92,6dlGYMOdZcOPutkcNY8U2g7vK9Y=,D+CSWLOshSulAsxiupA+qs2/fTE=', 'the hash has {SCRAM-SHA-1} with more memory or rounds than one check may take'],
    ['{SCRAM-SHA-256}4096,QSXCR+Q6sek8bf92,6dlGYMOdZcOPutkcNY8U2g7vK9Y=,D+CSWLOshSulAsxiupA+qs2/fTE=', 'the hash is not of the form of {SCRAM-SHA-256}'],
    ['{SHA}I7dElEdfX4dJgLdnbVEeI9iG2m', 'the hash is not of the form of {SHA}'],
    ['{SSHA}I7dElEdfX4dJgLdnbVEeI9iG2mQ=', 'the hash is not of the form of {SSHA}'],
    ['{SSHA}not base64', 'the hash is not of the form of {SSHA}'],
    ['{SHA.rot13}I7dElEdfX4dJgLdnbVEeI9iG2mQ=', 'the hash is not of the form of {SHA}'],
  ])('%s', (encoded, fault) => {
    expect(parseScheme(encoded)).toBeUndefined();
    expect(wantsRehash(encoded, 'any')).toBe(false);
    expect(schemeFault(encoded)).toBe(fault);
  });
});

describe('any text', () => {
  const names = DOVECOT.map((encoded) => encoded.slice(0, encoded.indexOf('}') + 1));
  test('is read without a throw, and its fault tells nothing of it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names, ''), fc.string({ maxLength: 200, minLength: 20 }), (name, rest) => {
        const fault = schemeFault(`${name}${rest}`);
        if (!rest.startsWith('{') && !rest.startsWith('$')) expect(fault ?? '').not.toContain(rest);
      }),
    );
  });

  test('salted and hashed, matches only itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.uint8Array({ minLength: 1, maxLength: 16 }), (secret, other, salt) => {
        const digest = createHash('sha512').update(secret).update(salt).digest();
        const parsed = parseScheme(`{ssha512}${Buffer.concat([digest, salt]).toString('base64')}`)!;
        expect(parsed.matches(secret)).toBe(true);
        expect(parsed.matches(other)).toBe(other === secret);
      }),
    );
  });
});
