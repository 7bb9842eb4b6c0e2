/**
 * Mail programs that people use, through the gateway, over TLS: before, during and after an outage of the platform's
 * authentication.
 *
 *     node test/peers/clients/main.ts [--keep] [--docs] [name ...]
 *
 * Each has three accounts of its own: one that it signs in to before the outage, one that nobody has ever signed in to
 * until it begins, one for which it has a wrong password. `--keep` leaves what each one said behind; `--docs` writes
 * docs/clients.md of it; names choose clients. Ends with the line `N passed, N failed`; exit status 0 when none failed.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { replyFor } from '../../../src/signin/replies.ts';
import type { Protocol } from '../../../src/signin/verdict.ts';
import { signIn } from '../../customer.ts';
import { sleep } from '../../installation.ts';
import { type Client, run, type Said, type Visit } from './client.ts';
import { curlImap, curlImapStartTls, curlPop3, curlSmtp } from './curl.ts';
import { fetchmail } from './fetchmail.ts';
import { mbsync } from './isync.ts';
import { muttImap, muttSmtp } from './mutt.ts';
import { offlineimap } from './offlineimap.ts';
import { type Account, type Provider, startProvider } from './provider.ts';
import { imaplib, poplib, smtplib } from './python.ts';
import { sieveConnect } from './sieve-connect.ts';
import { swaks } from './swaks.ts';
import { CLIENTS_PAGE, clientsPage, type ClientRecord } from './table.ts';

const CLIENTS: readonly Client[] = [muttImap, mbsync, offlineimap, curlImap, curlImapStartTls, imaplib, fetchmail, curlPop3, poplib, muttSmtp, swaks, curlSmtp, smtplib, sieveConnect];

/** At a time: most of it is waiting for refusals that are held back. */
const PARALLEL = 8;
/** From the platform's return to full service. */
const REOPENED_MS = 30_000;

const { values: options, positionals: names } = parseArgs({ options: { keep: { type: 'boolean' }, docs: { type: 'boolean' } }, allowPositionals: true });

type Cast = { readonly client: Client; readonly known: Account; readonly fresh: Account; readonly wrong: Account };

let passed = 0;
let failed = 0;
function check(what: string, well: boolean, detail = ''): void {
  if (well) passed += 1;
  else failed += 1;
  console.log(`  ${well ? 'ok    ' : 'FAILED'}  ${what}${well || detail === '' ? '' : `\n${detail.replaceAll(/^/gm, '            ')}`}`);
}

const account = (user: string): Account => ({ user: `${user}@isp.example`, secret: randomBytes(9).toString('hex') });
/** Fit for the paths in the clients' own configurations. */
const slug = (text: string): string => text.replaceAll(/[^a-z0-9]+/gi, '-');
const titleOf = ({ name, protocol }: Client): string => `${name} (${protocol})`;

async function main(): Promise<void> {
  const cast: Cast[] = CLIENTS.filter(({ name }) => names.length === 0 || names.includes(name)).map((client, n) => ({
    client, known: account(`known${n}`), fresh: account(`fresh${n}`), wrong: account(`wrong${n}`),
  }));
  const witness = account('witness');
  const provider = await startProvider([witness, ...cast.flatMap(({ known, fresh, wrong }) => [known, fresh, wrong])]);
  try {
    await drive(provider, cast, witness);
    if (failed > 0) console.log(`--- the end of serve's log\n${provider.log().slice(-3_000)}`);
  } finally {
    await provider.stop();
    if (options.keep || failed > 0) console.log(`what each one said is in ${provider.folder}`);
    else rmSync(provider.folder, { recursive: true, force: true });
  }
}

async function drive(provider: Provider, cast: readonly Cast[], witness: Account): Promise<void> {
  const visit = (phase: string, { client }: Cast, { user, secret }: Account): Visit => {
    const folder = join(provider.folder, 'said', slug(`${client.name} ${client.protocol}`), slug(phase));
    mkdirSync(folder, { recursive: true });
    return { folder, ca: provider.ca, ports: provider.ports, user, secret };
  };
  const records = new Map<Client, ClientRecord>(cast.map(({ client }) => [client, { client, version: '', before: '', known: '', fresh: '', wrong: '', after: '' }]));

  async function works(phase: string, one: Cast, who: Account): Promise<string> {
    const where = visit(phase, one, who);
    const said = await run(where, one.client.prepare(where));
    const well = one.client.worked(where, said);
    check(`${titleOf(one.client)} ${phase}: signs in and works`, well, said.all.slice(-2_000));
    return well ? 'works' : 'failed';
  }

  async function refused(phase: string, one: Cast, who: Account, expected: readonly string[], forbidden: readonly string[]): Promise<string> {
    const where = visit(phase, one, who);
    const said = await run(where, one.client.prepare(where));
    const heard = expected.some((line) => said.all.includes(line)) && !forbidden.some((line) => said.all.includes(line)) && !one.client.worked(where, said);
    check(`${titleOf(one.client)} ${phase}: hears what the table of replies says`, heard, said.all.slice(-2_000));
    return printed(one.client, said, who);
  }

  await atATime(cast, async ({ client }) => {
    const folder = join(provider.folder, 'said', 'versions');
    mkdirSync(folder, { recursive: true });
    const { output } = await run({ folder, ca: '', ports: {}, user: '', secret: '' }, { command: client.version });
    records.get(client)!.version = /\d+(?:\.\d+)+|\d{6,}/.exec(output)?.[0] ?? '?';
  });
  console.log('before the outage ...');
  await atATime(cast, async (one) => {
    const record = records.get(one.client)!;
    record.before = await works('before', one, one.known);
    record.wrong = await refused('with a wrong password', one, { ...one.wrong, secret: account('').secret }, rejections(one.client.protocol), absolutions(one.client.protocol));
  });
  await provider.auth.kill();
  console.log('the platform’s authentication is dead ...');
  await atATime(cast, async (one) => {
    const record = records.get(one.client)!;
    record.known = await works('during, known', one, one.known);
    record.fresh = await refused('during, never signed in before', one, one.fresh, absolutions(one.client.protocol), rejections(one.client.protocol));
    // Where a program tells the two apart, it must not take this one for a wrong password.
    if (record.fresh !== record.wrong) check(`${titleOf(one.client)} during: tells its user of no wrong password`, !BLAMES.test(record.fresh), record.fresh);
  });
  await provider.auth.restart();
  for (const until = performance.now() + REOPENED_MS; (await signIn(provider.ports.imaps!, witness.user, witness.secret)) !== 'in' && performance.now() < until; ) await sleep(200);
  console.log('it is back ...');
  await atATime(cast, async (one) => {
    const known = await works('after, known', one, one.known);
    const fresh = await works('after, never signed in before', one, one.fresh);
    records.get(one.client)!.after = known === fresh ? known : 'failed';
  });
  if (options.docs) writeFileSync(CLIENTS_PAGE, clientsPage([...records.values()]));
}

/** How programs word that a password is wrong, where they have words for something else too. */
const BLAMES = /wrong|incorrect|invalid|bad password|AUTHENTICATIONFAILED|\[AUTH\]|\b535\b|Authorization failure/i;

/** What the gateway may say to a wrong secret, and to one that it could not judge. */
const rejections = (protocol: Protocol): string[] => [replyFor({ verdict: 'rejected', reason: 'secret' }, protocol, 'secret').line];
const absolutions = (protocol: Protocol): string[] => (['name', 'secret'] as const).map((moment) => replyFor({ verdict: 'unavailable', reason: 'verifier-down' }, protocol, moment).line);

/** What its user sees, without what differs from run to run. */
function printed({ printed: pattern }: Client, { output, status }: Said, { user, secret }: Account): string {
  // oxlint-disable-next-line no-control-regex -- what moves a terminal's cursor is not read by people
  const plain = output.replaceAll(/\x1b(?:\[[\d;?]*[A-Za-z]|[()][A-Z0-9]|[=>])/g, '\n').replaceAll('\r', '\n');
  const lines = (plain.match(pattern) ?? []).map((line) => line.replaceAll(user, 'ADDRESS').replaceAll(secret, 'SECRET').replaceAll(/\b(localhost:|port )\d{4,5}\b/g, '$1PORT').replaceAll(/\s+/g, ' ').trim());
  return `${[...new Set(lines)].join(' / ') || '(nothing)'}${status === 0 ? '' : ` [exit ${status}]`}`;
}

async function atATime<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  await Promise.all(Array.from({ length: PARALLEL }, async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  }));
}

const began = performance.now();
try {
  await main();
} catch (error) {
  check('the test ran to its end', false, error instanceof Error ? (error.stack ?? error.message) : String(error));
}
console.log(`  ${((performance.now() - began) / 1_000).toFixed(0)} seconds in all`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
