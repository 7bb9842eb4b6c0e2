import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { parseConfig } from './load.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-config-'));
  writeFileSync(join(folder, 'pass'), 'hunter2\n', { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const parse = (verifier: string) =>
  parseConfig(
    join(folder, 'causeway.yaml'),
    `listen: { imap: { host: 127.0.0.1, port: 1143 } }
platforms:
  old:
    imap: { host: mail.old.example, port: 993, tls: implicit }
    lmtp: { host: mail.old.example, port: 24 }
    entrances: [{ kind: replay }]
${verifier === '' ? '' : `    verifier: ${verifier}\n`}`,
  ).platforms['old']!.verifier;

const complaint = (verifier: string): string => {
  try {
    parse(verifier);
  } catch (error) {
    if (error instanceof CausewayError) return error.message;
    throw error;
  }
  throw new Error('no complaint');
};

const LDAP = 'kind: ldap, host: ldap.example, port: 636, tls: implicit';

describe("a platform's verifier", () => {
  test('is its own IMAP when nothing is said', () => {
    expect(parse('')).toEqual({ kind: 'imap' });
    expect(parse('{ kind: imap }')).toEqual({ kind: 'imap' });
  });

  test('may be POP3, LDAP or HTTP', () => {
    expect(parse('{ kind: pop3, host: mail.old.example, port: 110, tls: starttls }')).toEqual({ kind: 'pop3', host: 'mail.old.example', port: 110, tls: 'starttls', trustedNetwork: false });
    expect(parse(`{ ${LDAP}, dn: "uid={local},ou={domain},dc=example" }`)).toMatchObject({ kind: 'ldap', dn: 'uid={local},ou={domain},dc=example' });
    const found = parse(`{ ${LDAP}, search: { base: dc=example, filter: "(&(objectClass=person)(mail={login}))", bind: { dn: cn=causeway, passwordFile: pass } } }`);
    expect(found.kind === 'ldap' && found.search?.bind?.secret.reveal()).toBe('hunter2');
    expect(JSON.stringify(found)).not.toContain('hunter2');
    expect(parse('{ kind: http, url: "https://auth.example/check" }')).toEqual({ kind: 'http', url: 'https://auth.example/check', trustedNetwork: false, format: 'json', refused: [401, 403] });
    expect(parse('{ kind: http, url: "http://10.0.0.1:8080/", trustedNetwork: true, format: form, refused: [401] }')).toMatchObject({ refused: [401], format: 'form' });
  });

  test.each([
    ['{ kind: radius }', /verifier\.kind: expected one of imap, pop3, ldap, http, found "radius"/],
    ['{ kind: imap, host: x }', /expected one of kind, found the unknown key host/],
    ['{ kind: pop3, host: x, port: 110, tls: plain }', /verifier\.tls: expected trustedNetwork: true beside tls: plain/],
    [`{ ${LDAP.replace('implicit', 'plain')}, dn: "uid={login}" }`, /verifier\.tls: expected trustedNetwork: true/],
    [`{ ${LDAP} }`, /verifier\.dn: expected either dn or search, found neither/],
    [`{ ${LDAP}, dn: "uid={login}", search: { base: dc=x, filter: "(mail={login})" } }`, /found both/],
    [`{ ${LDAP}, dn: "uid=ann" }`, /verifier\.dn: expected a name with \{login\}/],
    [`{ ${LDAP}, dn: "uid={user}{login}" }`, /verifier\.dn: expected a name with \{login\}/],
    [`{ ${LDAP}, search: { base: dc=x, filter: "mail={login}" } }`, /verifier\.search\.filter: expected a filter with \{login\}/],
    ['{ kind: http, url: "http://auth.example/" }', /verifier\.url: expected trustedNetwork: true beside a URL with http:/],
    ['{ kind: http, url: "https://u:hunter2@auth.example/" }', /verifier\.url: expected a URL, https:\/\/host\/path, without a user name/],
    ['{ kind: http, url: "ftp://auth.example/" }', /verifier\.url: expected a URL/],
    ['{ kind: http, url: "https://auth.example/", refused: [503] }', /verifier\.refused\[0\]: expected statuses from 400 to 499/],
    ['{ kind: http, url: "https://auth.example/", refused: [429] }', /not 407, 408, 425 or 429/],
    ['{ kind: pop3, host: 127.0.0.1, port: 1143, tls: implicit }', /verifier\.port: expected an address of its own, found 127\.0\.0\.1:1143, which listen\.imap has/],
  ])('%s is wrong', (verifier, message) => {
    expect(complaint(verifier)).toMatch(message);
    expect(complaint(verifier)).not.toContain('hunter2');
  });
});
