/**
 * Makes docs/replies.md from the table that the program answers by:
 *
 *     npm run docs:replies
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Moment, type Row, ROWS, TABLE } from '../src/signin/reply-table.ts';
import type { Protocol } from '../src/signin/verdict.ts';

export const REPLIES_PAGE = join(import.meta.dirname, 'replies.md');

const PROTOCOLS: Readonly<Record<Protocol, string>> = { imap: 'IMAP', pop3: 'POP3', submission: 'Submission', sieve: 'ManageSieve', webmail: 'Webmail' };
const MOMENTS: Readonly<Record<Moment, string>> = { greeting: 'greeting', name: 'name', secret: 'secret' };

/** What must stand in docs/replies.md. */
export function repliesPage(): string {
  const lines = [
    '# What a client is told',
    '',
    '<!-- Made by `npm run docs:replies` from src/signin/reply-table.ts: change that, not this. -->',
    '',
    'Verdict × protocol × moment → bytes: every refusal of a sign-in that Causeway gives, and why it is worded so. Only `rejected` says that a secret is wrong, and only after a completed check; every other reply after a secret says that the password was not rejected, since clients and people act on what they are told: an outage in which "wrong password" was shown made thousands change passwords that were right.',
    '',
    'Moments: `greeting`, in the place of the greeting, when shedding, before any account is named; `name`, in answer to POP3’s USER, before the secret, to an account that could not be judged anyway; `secret`, once the secret has come. Webmail’s are a status of HTTP and the sentence that its page shows. Each other line ends with CRLF; IMAP’s replies to a secret begin with the command’s tag. Where a row has no reply of its own for a protocol or moment, `unavailable`’s is given. Forms that are no attempt (a command out of place, a response that is not base64) are answered by the protocol’s own BAD, -ERR, 5xx or NO, and blame no password.',
    '',
    '## In short',
    '',
    `| verdict | moment | ${Object.values(PROTOCOLS).join(' | ')} |`,
    `|---|---|${'---|'.repeat(Object.keys(PROTOCOLS).length)}`,
  ];
  for (const row of Object.keys(ROWS) as Row[]) {
    for (const moment of Object.keys(MOMENTS) as Moment[]) {
      const cells = (Object.keys(PROTOCOLS) as Protocol[]).map((protocol) => TABLE[row][protocol]?.[moment]?.line);
      if (cells.every((line) => line === undefined)) continue;
      lines.push(`| ${row} | ${moment} | ${cells.map((line) => (line === undefined ? '' : code(inShort(line)))).join(' | ')} |`);
    }
  }
  for (const [row, when] of Object.entries(ROWS) as [Row, string][]) {
    lines.push('', `## ${row}`, '', when, '', '| protocol | moment | reply | connection | why |', '|---|---|---|---|---|');
    for (const [protocol, name] of Object.entries(PROTOCOLS) as [Protocol, string][]) {
      for (const moment of Object.keys(MOMENTS) as Moment[]) {
        const cell = TABLE[row][protocol]?.[moment];
        if (cell !== undefined) lines.push(`| ${name} | ${moment} | ${code(cell.line)} | ${cell.closes ? 'ends' : 'stays open'} | ${cell.why.replaceAll('|', '\\|')} |`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** A reply without its text: what programs read. */
function inShort(line: string): string {
  return /^(?:\* )?(?:[A-Z]+(?: [[(][^\])]+[\])])?|-ERR \[[^\]]+\]|\d{3} [\d.]+)/.exec(line)?.[0] ?? line;
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

if (process.argv[1] === import.meta.filename) {
  const before = readFileSync(REPLIES_PAGE, { encoding: 'utf8', flag: 'a+' });
  if (before !== repliesPage()) writeFileSync(REPLIES_PAGE, repliesPage());
}
