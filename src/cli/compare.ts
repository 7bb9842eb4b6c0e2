import { readFileSync, statSync } from 'node:fs';
import { Command } from 'commander';
import { CausewayError, messageOf } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { connect, type ImapConnection } from '#imap/connect.ts';
import { compareAccounts } from '#mover/compare/compare.ts';
import { comparisonText } from './comparison.ts';
import { type ImapUrl, parseImapUrl } from './imap-url.ts';
import { print } from './output.ts';
import { progressLine } from './progress.ts';
import { ask } from './read-secret.ts';

type Side = 'source' | 'target';
type Options = { sourcePasswordFile?: string; targetPasswordFile?: string; name: string; json?: boolean };

const HELP = `
Reads everything and changes nothing (EXAMINE, BODY.PEEK). Messages are compared by SHA-256 of their bytes, internal
date and flags, as often as they are there; their order says nothing. Mailboxes are paired as a move pairs them: across
separators and prefixes, by name, then by special use.

An account is imaps://user@host[:port], imap://user@host (STARTTLS), or imap+plain://user@host (no encryption).
Passwords come from files, from CAUSEWAY_SOURCE_PASSWORD and CAUSEWAY_TARGET_PASSWORD, or are asked for. Authorities of
your own for certificates: NODE_EXTRA_CA_CERTS=file.pem.

Exit status 0 when they are equal, 1 when they differ; others as causeway --help says, and then nothing is known.
Example:
  causeway compare imaps://ada@old.example imaps://ada@isp.example@new.example --source-password-file a --target-password-file b`;

export function compareCommand(): Command {
  return new Command('compare')
    .description('compares two accounts on any two IMAP servers, message by message; needs no configuration')
    .argument('<source>', 'an account, as a URL')
    .argument('<target>', 'another')
    .option('--source-password-file <file>', 'a file with the password on one line')
    .option('--target-password-file <file>', 'the same for the target')
    .option('--name <number>', 'how many messages of each kind of difference are named', '20')
    .option('--json', 'one JSON object: {equal, differences, absent, mailboxes, named}')
    .addHelpText('after', HELP)
    .action(compare);
}

async function compare(sourceText: string, targetText: string, options: Options): Promise<void> {
  const name = namedOf(options.name);
  const [source, target] = [parseImapUrl(sourceText), parseImapUrl(targetText)];
  // Asked for one after the other, before anything is connected: no server waits for a person.
  const sourcePassword = await password('source', source, options.sourcePasswordFile);
  const targetPassword = await password('target', target, options.targetPasswordFile);
  const opening = [open(source, sourcePassword), open(target, targetPassword)] as const;
  const line = progressLine(options.json !== true);
  try {
    const [from, to] = await Promise.all(opening);
    const result = await compareAccounts(from, to, { name, onProgress: (progress) => line.show(progress) });
    line.end();
    print({ source: source.text, target: target.text, ...result }, options.json, comparisonText);
    if (!result.equal) process.exitCode = 1;
    await Promise.all([from.logout(), to.logout()]);
  } finally {
    line.end();
    for (const each of await Promise.allSettled(opening)) if (each.status === 'fulfilled') each.value.destroy();
  }
}

/** Each takes a line; more than this are for `--json` and the counts. */
const MOST_NAMED = 100;

export function namedOf(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= MOST_NAMED) return Number(text);
  throw new CausewayError('usage', `"${text}" is no number from 0 to ${MOST_NAMED}`, { place: '--name' });
}

/** Both are a minute's work for a server in trouble; a healthy one takes milliseconds, and a large SELECT some seconds. */
const CONNECT_MS = 15_000;
const COMMAND_MS = 120_000;

async function open({ endpoint, user, text }: ImapUrl, secret: string): Promise<ImapConnection> {
  const connection = await connect(endpoint, { clock: systemClock, connectMs: CONNECT_MS, commandMs: COMMAND_MS });
  try {
    await connection.login({ user, password: secret });
    return connection;
  } catch (error) {
    connection.destroy();
    if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
    throw new CausewayError('refused', error.message, { place: text, cause: error, remedy: 'The password or the login name is wrong there, or that server lets nobody in.' });
  }
}

/** Nobody types a longer one. */
const LONGEST = 4_096;

async function password(side: Side, { text }: ImapUrl, file: string | undefined): Promise<string> {
  if (file !== undefined) return fromFile(file);
  const variable = `CAUSEWAY_${side.toUpperCase()}_PASSWORD`;
  const given = process.env[variable];
  if (given !== undefined && given !== '') return given;
  if (process.stdin.isTTY) return ask(`Password of ${text}: `);
  throw new CausewayError('usage', `no password for ${text}`, { remedy: `give --${side}-password-file FILE, or set ${variable}` });
}

function fromFile(file: string): string {
  let text: string;
  try {
    if (statSync(file).size > LONGEST) throw new Error(`more than ${LONGEST} bytes`);
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new CausewayError('input', `cannot read the password: ${messageOf(cause)}`, { place: file, cause });
  }
  if (text === '' || /[\r\n\0]/.test(text)) throw new CausewayError('input', 'expected one line with the password', { place: file });
  return text;
}
