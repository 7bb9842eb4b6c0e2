import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addUser, startPlatformProcess } from './index.ts';
import { rawClient } from './raw-client.ts';

test('processes of their own: the back end is killed, hung and restarted; the mail survives SIGKILL', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'practice-test-'));
  addUser(folder, 'alice@example.net', 'right');
  let platform = await startPlatformProcess({ name: 'test', folder });
  const login = async (secret: string): Promise<string> => {
    const client = await rawClient(platform.imapPort);
    try {
      return (await client.run(`LOGIN alice@example.net ${secret}`)).at(-1) ?? '';
    } finally {
      client.close();
    }
  };
  try {
    expect(await login('right')).toMatch(/^OK/);
    await platform.auth.kill();
    expect(platform.auth.pid()).toBeUndefined();
    expect(await login('right')).toBe('NO [UNAVAILABLE] Temporary authentication failure.');
    expect(await login('wrong')).toBe('NO [UNAVAILABLE] Temporary authentication failure.');
    await platform.auth.restart();
    expect(await login('right')).toMatch(/^OK/);
    expect(await login('wrong')).toMatch(/^NO \[AUTHENTICATIONFAILED\]/);
    platform.auth.stop();
    const waiting = login('right');
    platform.auth.continue();
    expect(await waiting).toMatch(/^OK/);

    const client = await rawClient(platform.imapPort);
    await client.run('LOGIN alice@example.net right');
    const many = Array.from({ length: 200 }, (_, index) => `a${index} APPEND INBOX {3+}\r\n${String(index).padStart(3)}\r\n`).join('');
    client.send(many);
    const answered = await client.until(/a50 OK.*\r\n/);
    process.kill(platform.pid, 'SIGKILL');
    await client.closed;
    expect(answered).toContain('a50 OK');
    await platform.close();
    platform = await startPlatformProcess({ name: 'test', folder });
    const again = await rawClient(platform.imapPort);
    await again.run('LOGIN alice@example.net right');
    await again.run('SELECT INBOX');
    const fetched = (await again.run('UID FETCH 1:51 BODY.PEEK[]')).join('\n');
    for (let index = 0; index <= 50; index += 1) expect(fetched).toContain(`(UID ${index + 1} BODY[] {3}\n${String(index).padStart(3)})`);
    again.close();
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  } finally {
    await platform.close();
    rmSync(folder, { recursive: true });
  }
});

test('a port in use is a clear error', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'practice-test-'));
  const platform = await startPlatformProcess({ name: 'one', folder });
  await expect(startPlatformProcess({ name: 'two', folder: join(folder, 'two'), imapPort: platform.imapPort })).rejects.toMatchObject({
    code: 'config',
    place: `127.0.0.1:${platform.imapPort}`,
  });
  await platform.close();
  rmSync(folder, { recursive: true });
});
