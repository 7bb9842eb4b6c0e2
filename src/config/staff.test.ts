import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { messageOf } from '#errors/index.ts';
import { parseConfig } from './load.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-config-'));
  for (const [name, mode] of [['secret', 0o600], ['open', 0o644]] as const) writeFileSync(join(folder, name), 'shh-its-mine\n', { mode });
});
afterAll(() => rmSync(folder, { recursive: true }));

const OIDC = `
    issuer: https://sso.isp.example/realms/isp
    clientId: causeway
    clientSecretFile: secret
    button: The house's sign-in
    roles: { claim: groups, values: { helpers: level-one, it: administrator } }`;

const parse = (oidc: string, office = 'host: 10.0.0.5, port: 443, url: "https://desk.isp.example"') =>
  parseConfig(
    join(folder, 'causeway.yaml'),
    `listen:
  office: { ${office} }
platforms:
  old:
    imap: { host: 127.0.0.1, port: 143, tls: plain, trustedNetwork: true }
    lmtp: { host: 127.0.0.1, port: 24 }
    entrances: [{ kind: replay }]
staff:
  oidc:${oidc}
`,
  );

function complaint(oidc: string, office?: string): string {
  try {
    parse(oidc, office);
  } catch (error) {
    const { place, remedy } = error as { place?: string; remedy?: string };
    return `${place?.split('causeway.yaml:')[1]} ${messageOf(error)}${remedy === undefined ? '' : ` → ${remedy}`}`.replaceAll(folder, '.');
  }
  throw new Error('no complaint');
}

test('is typed and filled up; the secret prints as none', () => {
  const { oidc } = parse(OIDC).staff;
  expect(oidc).toMatchObject({ issuer: 'https://sso.isp.example/realms/isp', nameClaim: 'preferred_username', scopes: ['profile'], roles: { claim: ['groups'], values: { helpers: 'level-one', it: 'administrator' } }, require: {}, trustedNetwork: false });
  expect(oidc!.clientSecret.reveal()).toBe('shh-its-mine');
  expect(inspect(oidc) + JSON.stringify(oidc)).not.toContain('shh');
  expect(parse(OIDC.replace('claim: groups', 'claim: [realm_access, roles]')).staff.oidc!.roles.claim).toEqual(['realm_access', 'roles']);
});

test.each([
  ['a role that is none', OIDC.replace('level-one', 'boss'), undefined, '14:48 staff.oidc.roles.values.helpers: expected one of level-one, level-two, lead, operator, administrator, found "boss"'],
  ['no roles', OIDC.replace('{ helpers: level-one, it: administrator }', '{}'), undefined, 'staff.oidc.roles.values: expected at least one value of the claim, with its role, found a mapping'],
  ['in clear', OIDC.replace('https://sso', 'http://sso'), undefined, '10:13 staff.oidc.issuer: expected trustedNetwork: true beside a URL with http://, found none: secrets would cross the network in clear → use https://, or say trustedNetwork: true where the network is your own'],
  ['a secret that all read', OIDC.replace('clientSecretFile: secret', 'clientSecretFile: open'), undefined, '12:23 staff.oidc.clientSecretFile: expected a secret file that only its owner reads, found ./open readable by all → chmod 600 ./open'],
  ['no way back', OIDC, 'host: 10.0.0.5, port: 443', 'listen.office: expected url beside staff.oidc, found none: the identity provider must know where it sends people back → add url: https://desk.isp.example, as browsers reach it'],
  ['an unknown key', OIDC.replace('button:', 'buton:'), undefined, 'staff.oidc: expected one of issuer, clientId, clientSecretFile, button, nameClaim, scopes, roles, require, trustedNetwork, ca, found the unknown key buton; did you mean button?'],
] as const)('%s: the place and the remedy', (_, oidc, office, told) => {
  expect(complaint(oidc, office)).toContain(told);
});

test('on this machine alone it needs no url', () => {
  expect(parse(OIDC, 'host: 127.0.0.1, port: 8443').staff.oidc).toBeDefined();
});
