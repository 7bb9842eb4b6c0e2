import { BerReader, BerWriter } from 'ldapts';
import { afterEach, describe, expect, test } from 'vitest';
import { type SecuredServer, serveSecured } from '#net/secured-server.testing.ts';
import { createLdapSignIn, isAboutSecret, type LdapEndpoint } from './verifier-ldap.ts';

let server: SecuredServer | undefined;
afterEach(() => server?.close());

const [BIND, SEARCH, EXTENDED] = [0x60, 0x63, 0x77];

type Directory = {
  /** The result of a bind, or silence. */
  bind: (dn: string, secret: string) => { code: number; text?: string } | undefined;
  /** The names that a search finds. */
  found?: string[];
  tls?: LdapEndpoint['tls'];
  /** Bytes sent together with the answer to StartTLS. */
  injected?: Buffer;
};

function message(id: number, tag: number, body: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(tag);
  body(writer);
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}

const result = (id: number, tag: number, code: number, text = ''): Buffer =>
  message(id, tag, (writer) => {
    writer.writeEnumeration(code);
    writer.writeString('');
    writer.writeString(text);
  });

/** A small LDAP server: bind, search by whatever filter, StartTLS. */
async function serve({ bind, found = [], tls = 'plain', injected = Buffer.alloc(0) }: Directory) {
  const heard: string[] = [];
  server = await serveSecured(tls === 'implicit', (socket, isSecure, begin) => {
    socket.on('data', (chunk: Buffer) => {
      const reader = new BerReader(chunk);
      reader.readSequence();
      const id = reader.readInt()!;
      const tag = reader.peek()!;
      if (tag === BIND) {
        reader.readSequence(BIND);
        reader.readInt();
        const [dn, secret] = [reader.readString()!, reader.readString(0x80)!];
        heard.push(`${isSecure ? 'secure ' : ''}bind ${dn} ${secret}`);
        const answer = bind(dn, secret);
        if (answer !== undefined) socket.write(result(id, 0x61, answer.code, answer.text));
      } else if (tag === SEARCH) {
        reader.readSequence(SEARCH);
        heard.push(`search ${reader.readString()}`);
        for (const dn of found) {
          socket.write(
            message(id, 0x64, (writer) => {
              writer.writeString(dn);
              writer.startSequence();
              writer.endSequence();
            }),
          );
        }
        socket.write(result(id, 0x65, 0));
      } else if (tag === EXTENDED) {
        heard.push('StartTLS');
        socket.write(Buffer.concat([result(id, 0x78, 0), injected]));
        begin();
      }
    });
  });
  const endpoint: LdapEndpoint = { host: '127.0.0.1', port: server.port, tls, ca: server.ca };
  return { endpoint, heard };
}

const signal = (): AbortSignal => new AbortController().signal;
const ANN = 'uid=ann,ou=people,dc=example';
const ann = (dn: string, secret: string) => ({ code: dn === ANN && secret === 'right' ? 0 : 49 });
const dn = 'uid={local},ou=people,dc=example';

describe('a check by LDAP bind', () => {
  test.each(['plain', 'implicit', 'starttls'] as const)('by template: accepted by 0, refused by 49, %s', async (tls) => {
    const { endpoint, heard } = await serve({ bind: ann, tls });
    const signIn = createLdapSignIn({ ...endpoint, dn });
    expect(await signIn('ann@example', 'right', signal())).toBe('accepted');
    expect(await signIn('ann@example', 'wrong', signal())).toBe('refused');
    expect(await signIn('bob,ou=people@example', 'right', signal())).toBe('refused');
    const clear = heard.filter((line) => line.startsWith('bind'));
    expect(clear).toHaveLength(tls === 'plain' ? 3 : 0);
    expect(heard.at(-1)).toContain('bind uid=bob\\,ou\\=people,ou=people,dc=example right');
  });

  test('by search: our own bind first, then that of the one entry', async () => {
    const bind = (name: string, secret: string) => (name === 'cn=us' ? { code: 0 } : ann(name, secret));
    const { endpoint, heard } = await serve({ bind, found: [ANN], tls: 'starttls' });
    const search = { base: 'dc=example', filter: '(mail={login})', bind: { dn: 'cn=us', secret: () => 'ours' } };
    expect(await createLdapSignIn({ ...endpoint, search })('ann@example', 'right', signal())).toBe('accepted');
    expect(heard).toEqual(['StartTLS', 'secure bind cn=us ours', 'search dc=example', `secure bind ${ANN} right`]);
    expect(await createLdapSignIn({ ...endpoint, search })('ann@example', 'wrong', signal())).toBe('refused');
  });

  test.each([
    ['no entry', [], 'refused'],
    ['two entries', [ANN, 'uid=ann,ou=staff,dc=example'], 'refused'],
  ])('by search that finds %s has no verdict', async (_name, found, code) => {
    const { endpoint, heard } = await serve({ bind: ann, found });
    const search = { base: 'dc=example', filter: '(mail={login})' };
    await expect(createLdapSignIn({ ...endpoint, search })('ann@example', 'right', signal())).rejects.toMatchObject({ code });
    expect(heard.filter((line) => line.includes('bind'))).toEqual([]);
  });

  test("our own account's wrong secret refuses no customer", async () => {
    const { endpoint } = await serve({ bind: ann, found: [ANN] });
    const search = { base: 'dc=example', filter: '(mail={login})', bind: { dn: 'cn=us', secret: () => 'ours' } };
    await expect(createLdapSignIn({ ...endpoint, search })('ann@example', 'right', signal())).rejects.toMatchObject({ code: 'unavailable' });
  });

  test.each([1, 2, 3, 7, 8, 10, 11, 12, 13, 14, 19, 32, 34, 48, 50, 51, 52, 53, 54, 80, 4711])('result code %i gives no verdict', async (code) => {
    const { endpoint } = await serve({ bind: () => ({ code, text: 'Invalid credentials' }) });
    await expect(createLdapSignIn({ ...endpoint, dn })('ann@example', 'right', signal())).rejects.toMatchObject({ code: [19, 32, 34, 48, 50, 53].includes(code) ? 'refused' : 'unavailable' });
  });

  test('an empty secret is not sent', async () => {
    const { endpoint, heard } = await serve({ bind: () => ({ code: 0 }) });
    await expect(createLdapSignIn({ ...endpoint, dn })('ann@example', '', signal())).rejects.toMatchObject({ code: 'input' });
    expect(heard).toEqual([]);
  });

  test('with a certificate that nobody vouches for sends no secret', async () => {
    for (const tls of ['implicit', 'starttls'] as const) {
      const { endpoint, heard } = await serve({ bind: ann, tls });
      await expect(createLdapSignIn({ ...endpoint, ca: undefined, dn })('ann@example', 'right', signal())).rejects.toMatchObject({ code: 'unavailable' });
      expect(heard.filter((line) => line.includes('bind'))).toEqual([]);
    }
  });

  test('answers that came before TLS are not believed', async () => {
    // All of a success but its last byte, a "0": the first byte of the server's own answer would complete it.
    const forged = (id: number): Buffer => result(id, 0x61, 0, '0').subarray(0, -1);
    for (const injected of [forged(1), forged(2), forged(3), result(3, 0x61, 0)]) {
      const { endpoint } = await serve({ bind: () => ({ code: 49 }), tls: 'starttls', injected });
      expect(await createLdapSignIn({ ...endpoint, dn })('ann@example', 'x', signal())).toBe('refused');
    }
  });

  test('a server that goes away under a bind is not asked again', async () => {
    const { endpoint, heard } = await serve({
      bind: () => {
        server?.cut();
        return undefined;
      },
      tls: 'starttls',
    });
    await expect(createLdapSignIn({ ...endpoint, dn })('ann@example', 'right', signal())).rejects.toMatchObject({ code: 'unavailable' });
    expect(heard).toEqual(['StartTLS', `secure bind ${ANN} right`]);
  });

  test('ends with its signal; where nobody listens has no verdict', async () => {
    const { endpoint, heard } = await serve({ bind: () => undefined });
    const end = new AbortController();
    const attempt = createLdapSignIn({ ...endpoint, dn })('ann@example', 'right', end.signal);
    attempt.catch(() => {});
    await expect.poll(() => heard.length).toBe(1);
    end.abort();
    await expect(attempt).rejects.toMatchObject({ code: 'aborted' });
    await expect(createLdapSignIn({ ...endpoint, dn })('ann@example', 'right', end.signal)).rejects.toMatchObject({ code: 'aborted' });
    server!.close();
    await expect(createLdapSignIn({ ...endpoint, port: 1, dn })('ann@example', 'right', signal())).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test.each([
  ['Invalid Credentials', true],
  ['80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1', true],
  ['80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 533, v1db1', false],
  ['80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 775, v1db1', false],
  ['80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 773, v1db1', false],
  ['account locked', false],
])('"%s" is about the secret: %s', (text, expected) => {
  expect(isAboutSecret(text)).toBe(expected);
});
