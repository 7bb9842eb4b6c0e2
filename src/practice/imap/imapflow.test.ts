import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { expect, test } from 'vitest';
import { addUser, createPlatform, seedMailbox } from '../index.ts';

test('imapflow, a client by others, finds its way', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'practice-test-'));
  addUser(folder, 'alice@example.net', 'right');
  const multipart = Buffer.from(
    ['From: "A, B" <a@example.net>', 'To: c@example.net', 'Subject: parts', 'Message-ID: <1@x>', 'Content-Type: multipart/mixed; boundary="b"', '', '--b', 'Content-Type: text/plain; charset=utf-8', '', 'hello', '--b', 'Content-Type: application/pdf; name="x.pdf"', 'Content-Disposition: attachment; filename="x.pdf"', 'Content-Transfer-Encoding: base64', '', 'AAAA', '--b--', ''].join('\r\n'),
  );
  seedMailbox(folder, 'alice@example.net', 'INBOX', [{ bytes: multipart, flags: ['\\Flagged'], internalDateMs: 1e12 }]);
  seedMailbox(folder, 'alice@example.net', 'Gesendet/Älter', [], { specialUse: ['\\Sent'], subscribe: true });
  const platform = await createPlatform({ name: 'test', folder });
  const client = new ImapFlow({ host: '127.0.0.1', port: platform.imapPort, secure: false, doSTARTTLS: false, auth: { user: 'alice@example.net', pass: 'right' }, logger: false });
  try {
    await client.connect();
    const mailboxes = await client.list();
    expect(mailboxes.find(({ path }) => path === 'Gesendet/Älter')).toMatchObject({ specialUse: '\\Sent', subscribed: true, delimiter: '/' });
    const lock = await client.getMailboxLock('INBOX');
    const found = await client.fetchOne('1', { uid: true, flags: true, envelope: true, bodyStructure: true, source: true, internalDate: true, bodyParts: ['2'] });
    if (found === false) throw new Error('nothing fetched');
    expect(found.source).toEqual(multipart);
    expect(found.internalDate).toEqual(new Date(1e12));
    expect(found.envelope).toMatchObject({ subject: 'parts', messageId: '<1@x>', from: [{ name: 'A, B', address: 'a@example.net' }] });
    expect(found.bodyStructure?.childNodes?.[1]).toMatchObject({ type: 'application/pdf', disposition: 'attachment', dispositionParameters: { filename: 'x.pdf' }, size: 4 });
    expect(found.bodyParts?.get('2')?.toString()).toBe('AAAA');
    expect(await client.append('INBOX', multipart, ['\\Seen', '$Label'])).toMatchObject({ uid: 2 });
    expect(await client.messageMove('2', 'Gesendet/Älter', { uid: true })).toMatchObject({ uidMap: new Map([[2, 1]]) });
    expect(await client.search({ flagged: true })).toEqual([1]);
    lock.release();
    await client.mailboxCreate('Neu');
    expect(await client.status('Gesendet/Älter', { messages: true, uidNext: true })).toMatchObject({ messages: 1, uidNext: 2 });
    await client.logout();
  } finally {
    client.close();
    await platform.close();
    rmSync(folder, { recursive: true });
  }
});
