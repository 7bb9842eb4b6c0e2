/**
 * Holds: how long a customer waits while an account changes its platform, by the clock of a client that signs in
 * through the gateway. See bench/README.md.
 *
 * Invariants: each row has an installation and two Dovecots of its own. What customers did is judged by their journals
 * after the last hold. Only processes that were started here are ended.
 */
import { run } from './run.ts';
import { type Row, rowOf, slowest, table } from './table.ts';
import { createClosing } from '../closing.ts';
import { commandLine, JSON_LINE, number, file, some } from '../command-line.ts';

const options = commandLine('holds', 'How long a customer waits while an account changes its platform.', {
  holds: number('how many', 40),
  accounts: number('that take turns', 2),
  messages: number('of each account', 20_000),
  rtt: number('ms to each platform and back', 20),
  condstore: some('whether the platforms have CONDSTORE', ['with', 'without']),
  profile: file('a folder for CPU profiles'),
  json: JSON_LINE,
});

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const closing = createClosing();
const { closers } = closing;

try {
  const rows: Row[] = [];
  for (const which of options.condstore) {
    say(`${which} CONDSTORE`);
    const condstore = which === 'with';
    const result = await run({
      condstore,
      holds: options.holds,
      accounts: options.accounts,
      messages: options.messages,
      rttMs: options.rtt,
      say,
      closers,
      profile: options.profile,
    });
    await closing.close();
    rows.push(rowOf(condstore, result));
    for (const example of result.findings.examples) say(example);
    for (const hold of slowest(result.holds)) say(`slow: ${JSON.stringify(hold)}`);
    say(JSON.stringify(rows.at(-1)));
  }
  process.stdout.write(`${table(rows)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ rttMs: options.rtt, messages: options.messages, rows })}\n`);
  if (rows.some(({ missing, altered, doubled, falseRejections }) => missing + altered + doubled + falseRejections > 0)) process.exitCode = 1;
} catch (error) {
  say(`bench:holds: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  await closing.close();
  process.exit();
}
