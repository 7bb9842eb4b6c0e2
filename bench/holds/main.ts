/**
 * Holds: how long a customer waits while an account changes its platform, by the clock of a client that signs in
 * through the gateway. See bench/README.md.
 *
 * Invariants: each row has an installation and two Dovecots of its own. What customers did is judged by their journals
 * after the last hold. Only processes that were started here are ended.
 */
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { run } from './run.ts';
import { type Row, rowOf, slowest, table } from './table.ts';
import { createClosing } from '../closing.ts';

const { values: options } = parseArgs({
  options: {
    holds: { type: 'string', default: '40' },
    accounts: { type: 'string', default: '2' },
    messages: { type: 'string', default: '20000' },
    rtt: { type: 'string', default: '20' },
    condstore: { type: 'string', default: 'with,without' },
    json: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const closing = createClosing();
const { closers } = closing;

try {
  const rows: Row[] = [];
  for (const which of options.condstore.split(',')) {
    if (which !== 'with' && which !== 'without') throw new Error('--condstore with,without: either or both');
    say(`${which} CONDSTORE`);
    const condstore = which === 'with';
    const result = await run({
      condstore,
      holds: Number(options.holds),
      accounts: Number(options.accounts),
      messages: Number(options.messages),
      rttMs: Number(options.rtt),
      say,
      closers,
      profile: options.profile === undefined ? undefined : resolve(options.profile),
    });
    await closing.close();
    rows.push(rowOf(condstore, result));
    for (const example of result.findings.examples) say(example);
    for (const hold of slowest(result.holds)) say(`slow: ${JSON.stringify(hold)}`);
    say(JSON.stringify(rows.at(-1)));
  }
  process.stdout.write(`${table(rows)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ rttMs: Number(options.rtt), messages: Number(options.messages), rows })}\n`);
  if (rows.some(({ missing, altered, doubled, falseRejections }) => missing + altered + doubled + falseRejections > 0)) process.exitCode = 1;
} catch (error) {
  say(`bench:holds: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  await closing.close();
  process.exit();
}
