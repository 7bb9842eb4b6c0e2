import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { loadConfig, parseConfig } from './load.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-config-'));
  write('pass', 'hunter2\n', 0o600);
  write('open', 'hunter2', 0o644);
  write('empty', '\n', 0o600);
  write('two', 'a\nb\n', 0o600);
  write('ca.pem', '-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n', 0o644);
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string, mode: number): void => writeFileSync(join(folder, name), text, { mode });

const OLD = `  old:
    imap: { host: 127.0.0.1, port: 14301, tls: plain, trustedNetwork: true }
    lmtp: { host: 127.0.0.1, port: 14302 }
    entrances:
      - { kind: trusted, port: 14303, passwordFile: pass }
      - { kind: master, user: causeway, passwordFile: pass, style: separator }
      - { kind: replay }
    sentinel: { login: sentinel@example.org, passwordFile: pass }
`;
const GOOD = `listen:
  imap: { host: 127.0.0.1, port: 1143 }
platforms:
${OLD}`;

const parse = (text: string) => parseConfig(join(folder, 'causeway.yaml'), text);

function complaint(text: string): CausewayError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof CausewayError) return error;
    throw error;
  }
  throw new Error('no complaint');
}

/** `line:column message` for each mistake. */
function complaints(text: string): string[] {
  const { place, message } = complaint(text);
  return `${place}: ${message}`.split('\n').map((line) => line.replace(`${folder}/causeway.yaml:`, '').replaceAll(folder, '.'));
}

describe('a right file', () => {
  test('is typed, filled up with defaults, and frozen to the last leaf', () => {
    const config = parse(GOOD);
    expect(config).toMatchObject({
      file: join(folder, 'causeway.yaml'),
      instance: hostname(),
      listen: { imap: { host: '127.0.0.1', port: 1143 } },
      workers: { mover: 2 },
      platforms: { old: { name: 'old', imap: { tls: 'plain' } } },
    });
    expect(config.platforms['old']?.entrances).toMatchObject([
      { kind: 'trusted', port: 14303 },
      { kind: 'master', user: 'causeway', style: 'separator', separator: '*' },
      { kind: 'replay' },
    ]);
    expect(() => Object.assign(config.platforms['old']?.imap ?? {}, { port: 1 })).toThrow(TypeError);
  });

  test('gives secrets only when asked for', () => {
    const config = parse(`${GOOD}database: { url: "postgres://u:hunter2@h/d" }\n`);
    const secret = config.platforms['old']?.sentinel?.secret;
    expect(secret?.reveal()).toBe('hunter2');
    expect(`${inspect(config, { depth: 9 })} ${JSON.stringify(config)} ${secret}`).not.toContain('hunter2');
    expect(config.database?.url.reveal()).toBe('postgres://u:hunter2@h/d');
  });

  test('takes file names from its own folder', () => {
    const config = parse(`data: var\n${GOOD.replace('tls: plain', 'ca: ca.pem, tls: implicit')}`);
    expect(config.data).toBe(join(folder, 'var'));
    expect(config.platforms['old']?.imap.ca).toContain('BEGIN CERTIFICATE');
  });

  test('says whom to believe, how much to take and how old TLS may be', () => {
    write('c.pem', 'x', 0o644);
    const text = GOOD.replace('port: 1143 }', 'port: 1143, proxy: { from: [10.0.0.0/8, "2001:db8::/32", 127.0.0.1] } }').replace('trustedNetwork: true }', 'trustedNetwork: true, clientAddress: id }');
    const config = parse(`${text}tls: { certificate: c.pem, key: c.pem, minimum: TLSv1, names: { "*.isp.example": { certificate: c.pem, key: c.pem } } }
limits: { perAddress: 250, exempt: ["192.0.2.0/24"] }
`);
    expect(config).toMatchObject({
      listen: { imap: { proxy: { from: ['10.0.0.0/8', '2001:db8::/32', '127.0.0.1'] } } },
      platforms: { old: { imap: { clientAddress: 'id' } } },
      tls: { minimum: 'TLSv1', names: { '*.isp.example': { certificate: join(folder, 'c.pem') } } },
      limits: { perAddress: 250, exempt: ['192.0.2.0/24'] },
    });
    expect(parse(`${GOOD}tls: { certificate: c.pem, key: c.pem }\n`)).toMatchObject({ tls: { minimum: 'TLSv1.2', names: {} }, limits: { exempt: [] } });
  });

  test('says what is one network for locks, and where many share an address', () => {
    expect(parse(GOOD).locks).toEqual({ ipv4Prefix: 32, ipv6Prefix: 56, sharedRanges: [] });
    expect(parse(`${GOOD}locks: { ipv4Prefix: 24, ipv6Prefix: 48, sharedRanges: [203.0.113.0/24] }\n`).locks).toEqual({ ipv4Prefix: 24, ipv6Prefix: 48, sharedRanges: ['203.0.113.0/24'] });
    expect(complaints(`${GOOD}locks: { ipv4Prefix: 8 }\n`)[0]).toContain('locks.ipv4Prefix: expected a prefix length from 16 to 32, found 8');
  });

  test('submission and ManageSieve have services, ports of entrances and ways to tell the client’s address of their own', () => {
    const text = GOOD.replace('  imap:', '  submission: { host: 127.0.0.1, port: 1587 }\n  sieve: { host: 127.0.0.1, port: 4190 }\n  imap:')
      .replace('    lmtp:', '    submission: { host: 127.0.0.1, port: 14305, tls: plain, trustedNetwork: true, clientAddress: xclient }\n    sieve: { host: 127.0.0.1, port: 14306, tls: starttls }\n    lmtp:')
      .replace('port: 14303', 'port: 14303, submissionPort: 14307, sievePort: 14308');
    const { listen, platforms } = parse(text);
    expect(listen).toMatchObject({ submission: { port: 1587 }, sieve: { port: 4190 } });
    expect(platforms['old']).toMatchObject({
      submission: { port: 14305, clientAddress: 'xclient', sentCopies: false },
      sieve: { port: 14306, tls: 'starttls' },
      entrances: [{ submissionPort: 14307, sievePort: 14308 }, {}, {}],
    });
    expect(complaints(text.replace('14305', '14301'))[0]).toMatch(/platforms\.old\.submission\.port: expected an address of its own, found 127\.0\.0\.1:14301/);
    expect(complaints(text.replace('14307', '1587'))[0]).toMatch(/submissionPort: .*which listen\.submission has/);
    expect(complaints(text.replace('plain, trustedNetwork: true, clientAddress: xclient', 'plain'))[0]).toMatch(/platforms\.old\.submission\.tls: expected trustedNetwork: true/);
    expect(complaints(text.replace('clientAddress: xclient', 'clientAddress: id'))[0]).toMatch(/clientAddress: expected one of none, xclient, proxy, found "id"/);
  });

  test('may tell a platform of changes, with hashes unless it says otherwise', () => {
    const told = (yaml: string) => parseConfig(join(folder, 'causeway.yaml'), GOOD.replace('    sentinel:', `    provisioner: ${yaml}\n    sentinel:`)).platforms['old']!.provisioner;
    expect(told('{ kind: http, url: "https://a.b/hook", tokenFile: pass }')).toMatchObject({ kind: 'http', secret: 'hash', trustedNetwork: false, token: { reveal: expect.any(Function) } });
    expect(told('{ kind: command, program: /usr/bin/hook, secret: clear }')).toEqual({ kind: 'command', program: '/usr/bin/hook', args: [], secret: 'clear' });
    expect(() => told('{ kind: http, url: "http://a.b/hook" }')).toThrow(/expected trustedNetwork: true beside a URL with http/);
    expect(() => told('{ kind: http, url: "https://u:p@a.b/" }')).toThrow(/without a user name in it, found something else/);
    expect(() => told('{ kind: command, program: hook }')).toThrow(/expected the absolute path of a program/);
  });

  test('is read from the disk; one that cannot be read says so', () => {
    write('good.yaml', GOOD, 0o644);
    expect(loadConfig(join(folder, 'good.yaml')).platforms['old']?.name).toBe('old');
    expect(() => loadConfig(join(folder, 'none.yaml'))).toThrow(/cannot be read: ENOENT/);
  });
});

describe('a mistake', () => {
  test.each([
    ['syntax', 'listen: [1,\n', /^2:1: /],
    ['a key twice', 'listen: {}\nlisten: {}\n', /^2:1: Map keys must be unique/],
    ['a tab', 'listen:\n\timap: {}\n', /^2:1: Tabs are not allowed/],
    ['an unknown key', GOOD.replace('listen', 'lisen'), /^1:1: expected one of instance, data, .* found the unknown key lisen; did you mean listen\?/],
    ['a deep unknown key', GOOD.replace('port: 14303', 'prot: 14303'), /^8:26: platforms\.old\.entrances\[0\]: expected one of kind, port, pop3Port, submissionPort, sievePort, passwordFile, found the unknown key prot; did you mean port\?/],
    ['a wrong type', GOOD.replace('1143', 'many'), /^2:34: listen\.imap\.port: expected a port from 1 to 65535, or 0 for any free one, found "many"/],
    ['a port out of range', GOOD.replace('14302', '70000'), /^6:36: platforms\.old\.lmtp\.port: expected a port from 1 to 65535, found 70000/],
    ['a missing key', GOOD.replace(', port: 14302', ''), /^6:5: platforms\.old\.lmtp\.port: expected a port from 1 to 65535, found nothing/],
    ['a wrong word', GOOD.replace('separator }', 'sep }'), /^9:\d+: platforms\.old\.entrances\[1\]\.style: expected one of separator, authzid, found "sep"/],
    ['a wrong kind', GOOD.replace('kind: replay', 'kind: reply'), /^10:17: platforms\.old\.entrances\[2\]\.kind: expected one of trusted, master, replay, found "reply"/],
    ['a list for a mapping', 'listen: []\nplatforms: {}\n', /^1:9: listen: expected a mapping, found an empty list/],
    ['a platform name', GOOD.replace('  old:', '  Old_1:'), /^4:3: platforms: expected a name of small letters.* found "Old_1"/],
    ['the name ours', GOOD.replace('  old:', '  ours:'), /^4:3: platforms: expected a name .*not "ours", found "ours"/],
    ['no platform', 'listen: { imap: { host: a, port: 1 } }\nplatforms: {}\n', /^2:12: platforms: expected at least one platform, found a mapping/],
    ['an open leg', GOOD.replace(', trustedNetwork: true', ''), /^5:\d+: platforms\.old\.imap\.tls: expected trustedNetwork: true beside tls: plain/],
    ['a port twice', `${GOOD.replace('  imap:', '  imaps: { host: 0.0.0.0, port: 1143 }\n  imap:')}`, /^2:33: listen\.imaps\.port: expected an address of its own, found 0\.0\.0\.0:1143, which listen\.imap has/],
    ['our own address', GOOD.replace('1143', '14303'), /^8:32: platforms\.old\.entrances\[0\]\.port: .*which listen\.imap has/],
    ['a missing secret', GOOD.replace('org, passwordFile: pass', 'org, passwordFile: gone'), /^11:\d+: platforms\.old\.sentinel\.passwordFile: expected a file with a secret, found \.\/gone: there is no such file/],
    ['an open secret', GOOD.replace('org, passwordFile: pass', 'org, passwordFile: open'), /only its owner reads, found \.\/open readable by all/],
    ['an empty secret', GOOD.replace('org, passwordFile: pass', 'org, passwordFile: empty'), /found \.\/empty empty/],
    ['two lines', GOOD.replace('org, passwordFile: pass', 'org, passwordFile: two'), /expected one line with the secret/],
    ['a folder as secret', GOOD.replace('org, passwordFile: pass', 'org, passwordFile: .'), /it is a folder/],
    ['no certificate', GOOD.replace('tls: plain', 'ca: pass, tls: implicit'), /expected a file with certificates in PEM form, found \.\/pass: none in it/],
    ['no network', GOOD.replace('1143 }', '1143, proxy: { from: [10.0.0.0/33] } }'), /^2:\d+: listen\.imap\.proxy\.from\[0\]: expected an IP address or a network such as 10\.0\.0\.0\/8, found "10\.0\.0\.0\/33"/],
    ['nobody to believe', GOOD.replace('1143 }', '1143, proxy: { from: [] } }'), /^2:\d+: listen\.imap\.proxy\.from: expected at least one network, found an empty list/],
    ['a proxy before LMTP', GOOD.replace('  imap:', '  lmtp: { host: a, port: 1, proxy: {} }\n  imap:'), /listen\.lmtp: expected one of host, port, found the unknown key proxy/],
    ['an old floor', `${GOOD}tls: { certificate: pass, key: pass, minimum: SSLv3 }\n`, /tls\.minimum: expected one of TLSv1, TLSv1\.1, TLSv1\.2, TLSv1\.3, found "SSLv3"/],
    ['a name of a certificate', `${GOOD}tls: { certificate: pass, key: pass, names: { "imap.*": { certificate: pass, key: pass } } }\n`, /tls\.names: expected a host name .*found "imap\.\*"/],
    ['an empty file', '', /^1:1: listen: expected a mapping, found nothing/],
  ])('%s', (_, text, expected) => {
    expect(complaints(text)[0]).toMatch(expected);
  });

  test('all are told together, in the order of the file, with what to do', () => {
    const text = GOOD.replace('1143', 'x').replace('14302', '14301').replace('org, passwordFile: pass', 'org, passwordFile: open').concat('wokers: 3\n');
    expect(complaints(text).map((line) => line.replace(/^(\d+):\d+: ([^:]*):.*/, '$1 $2'))).toEqual([
      '2 listen.imap.port',
      '6 platforms.old.lmtp.port',
      '11 platforms.old.sentinel.passwordFile',
      expect.stringMatching(/^12:1: expected one of .*did you mean workers\?$/),
    ]);
    expect(complaint(text).remedy).toBe(`chmod 600 ${folder}/open`);
  });

  test('does not repeat what may be a secret', () => {
    expect(complaint(`${GOOD}database: { url: "mysql://u:hunter2@h" }\n`).message).not.toContain('hunter2');
    expect(complaint(GOOD.replace('passwordFile: pass', 'password: hunter2')).message).not.toContain('hunter2');
  });

  test('a file of many does not fill the screen', () => {
    const many = Array.from({ length: 60 }, (_, n) => `k${n}: 1`).join('\n');
    expect(complaints(`${GOOD}${many}\n`)).toHaveLength(21);
  });
});
