/**
 * A mail that waits to be sent, while the program is killed: at whichever moment, it is sent once, on time or when the
 * program is there again; or, where the platform may have had it, it is known as one of which nobody knows.
 */
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../src/context/data-folder.ts';
import { connect } from '../src/imap/connect.ts';
import { systemClock } from '../src/events/clock.ts';
import { createBrowser } from './by-hand.ts';
import { causeway, platformSettings, serve, sleep, TOKEN } from './installation.ts';
import { installOnePlatform } from './one-platform.ts';

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

const JANE = { user: 'jane@isp.example', secret: 'jane has a secret' };
/** More in the long form. */
const KILLS = Number(process.env['CAUSEWAY_KILLS'] ?? 3);
const HELD_SECONDS = 3;
/** What was being handed over at the kill is known as that after two minutes, and looked for each half minute; a busy machine adds its own. */
const SETTLED_MS = 200_000;

test('killed at any moment, a held mail is sent once', { timeout: 240_000 + KILLS * SETTLED_MS }, async () => {
  const loopback = { host: '127.0.0.1', port: 0 };
  const { platform, at } = await installOnePlatform(
    [JANE],
    (old) => ({
      listen: { imaps: loopback, webmail: loopback },
      platforms: { old: platformSettings(old, ['submission']) },
    }),
    cleanUps,
  );
  const { config } = at;
  let running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  expect((await causeway(['account', 'import', at.file('accounts.csv', `address,platform\n${JANE.user},old\n`), '-c', config])).status).toBe(0);

  const page = createBrowser(() => readRunFile(at.data)!.ports.webmail!, { secure: true });
  const call = async (...methodCalls: [string, object, string][]): Promise<[string, Record<string, unknown>][]> => {
    const { methodResponses } = (await page.post('/jmap', { using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail', 'urn:ietf:params:jmap:submission'], methodCalls })).body;
    return methodResponses as [string, Record<string, unknown>][];
  };
  /** What came, by subject, as the platform itself says. */
  const arrived = async (subject: string): Promise<number> => {
    const client = await connect({ host: '127.0.0.1', port: platform.trustedPort, tls: 'plain' }, { clock: systemClock, connectMs: 30_000, commandMs: 30_000 });
    await client.login({ user: JANE.user, password: TOKEN });
    await client.examine('INBOX');
    const found = await client.uidSearch({ key: 'header', name: 'Subject', text: subject });
    await client.logout();
    return found.length;
  };

  expect(await until(async () => (await page.post('/api/sign-in', { login: JANE.user, secret: JANE.secret })).body['address'] === JANE.user)).toBe(true);
  const session = (await page.get('/jmap/session')).body as { primaryAccounts: Record<string, string> };
  const accountId = session.primaryAccounts['urn:ietf:params:jmap:mail']!;
  const [[, made], [, identities]] = (await call(['Mailbox/set', { accountId, create: { d: { name: 'Drafts' } } }, 'm'], ['Identity/get', { accountId, ids: null }, 'i'])) as [[string, Record<string, unknown>], [string, Record<string, unknown>]];
  const drafts = (made['created'] as { d: { id: string } }).d.id;
  const [identity] = identities['list'] as { id: string }[];

  for (let kill = 0; kill < KILLS; kill += 1) {
    const subject = `waits through kill ${kill}`;
    const draft = { mailboxIds: { [drafts]: true }, keywords: { $draft: true }, from: [{ email: JANE.user }], to: [{ email: JANE.user }], subject, bodyValues: { t: { value: 'x' } }, textBody: [{ partId: 't', type: 'text/plain' }] };
    const envelope = { mailFrom: { email: JANE.user, parameters: { HOLDFOR: String(HELD_SECONDS) } }, rcptTo: [{ email: JANE.user }] };
    const asked = performance.now();
    const answers = await call(
      ['Email/set', { accountId, create: { d: draft } }, 'e'],
      ['EmailSubmission/set', { accountId, create: { s: { emailId: '#d', identityId: identity!.id, envelope } }, onSuccessUpdateEmail: { '#s': { 'keywords/$draft': null } } }, 's'],
    );
    const submission = (answers[1]![1]['created'] as { s: { id: string; undoStatus: string } }).s;
    expect(submission.undoStatus).toBe('pending');
    const early = await arrived(subject);
    // Seen before its time, which is later than this.
    if (performance.now() < asked + HELD_SECONDS * 1_000) expect(early).toBe(0);
    // Somewhere between the promise and what comes after the sending; the later ones close to its moment.
    const moment = kill === 0 ? 500 : HELD_SECONDS * 1_000 - 100 + Math.random() * 500;
    await sleep(Math.max(0, asked + moment - performance.now()));
    running.child.kill('SIGKILL');
    await running.ended;
    running = serve(config);
    await running.event('serve.ready');
    const status = async (): Promise<string> => {
      const [[, { list }]] = (await call(['EmailSubmission/get', { accountId, ids: [submission.id] }, 'g'])) as [[string, { list: { undoStatus: string; deliveryStatus: object | null }[] }]];
      return `${list[0]?.undoStatus} ${JSON.stringify(list[0]?.deliveryStatus ?? null)}`;
    };
    // Killed in the midst of handing over it is told so only after minutes, as is fit for a platform that is slow.
    const settled = await until(async () => (await status()).startsWith('final'), SETTLED_MS);
    expect(settled).toBe(true);
    if ((await status()).includes('250')) expect(await arrived(subject)).toBe(1);
    else expect(await arrived(subject)).toBeLessThanOrEqual(1);
    await sleep(500);
    expect(await arrived(subject)).toBeLessThanOrEqual(1);
  }
});

async function until(holds: () => Promise<boolean>, withinMs = 30_000): Promise<boolean> {
  for (const end = performance.now() + withinMs; performance.now() < end; await sleep(100)) if (await holds().catch(() => false)) return true;
  return false;
}
