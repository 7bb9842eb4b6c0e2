import { resolve as resolvePath } from 'node:path';
import { Command } from 'commander';
import { defaultDataFolder } from '#config/index.ts';
import { CausewayError } from '#errors/index.ts';
import { liveView } from './live-view.ts';
import { lookAround } from './look-around.ts';
import { plainView } from './plain-view.ts';
import { isWell, type Result } from './result.ts';
import { runDemo } from './run.ts';
import { summary } from './summary.ts';

type Options = { exit?: boolean; json?: boolean; accounts: number; seed: number; data: string; database?: string };

export function demoCommand(): Command {
  return new Command('demo')
    .description('a practice provider moves house: two platforms, customers at work, three waves, and a crash in the middle')
    .option('--exit', 'ends after the check instead of staying up')
    .option('--json', 'the result as one JSON object, on the last line of standard output')
    .option('--accounts <n>', 'customers of the practice provider', wholeNumber(LEAST_ACCOUNTS), 280)
    .option('--seed <n>', 'another seed is another provider', wholeNumber(1), 1)
    .option('--data <folder>', 'where to put it all', defaultDataFolder())
    .option('--database <url>', 'an empty PostgreSQL database, instead of the embedded one')
    .addHelpText(
      'after',
      '\nExit status 0 only when every account moved, nothing was lost, altered or doubled, nobody with a right password was\nturned away by a mistake of ours, and every wrong one that could be judged was rejected.',
    )
    .action(run);
}

/** Three waves need three accounts. */
const LEAST_ACCOUNTS = 3;

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= 100_000) return value;
    throw new CausewayError('usage', `expected a whole number from ${least} to 100000, found "${text}"`);
  };
}

async function run(options: Options): Promise<void> {
  const terminal = process.stderr.isTTY && options.json !== true;
  const view = terminal ? liveView(process.stderr) : plainView((line) => process.stderr.write(`${line}\n`));
  const stopping = new AbortController();
  const onSignal = (): void => stopping.abort(new CausewayError('aborted', 'stopped'));
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const demo = await runDemo({ accounts: options.accounts, seed: options.seed, data: resolvePath(options.data), view, signal: stopping.signal, databaseUrl: options.database }).finally(() => view.close());
  try {
    show(demo.result, options.json);
    if (options.exit !== true && !stopping.signal.aborted) {
      process.stderr.write(`${lookAround(demo)}\n`);
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }));
    }
  } finally {
    await demo.stop();
  }
  process.exit(isWell(demo.result) ? 0 : 1);
}

function show(result: Result, json: boolean | undefined): void {
  process.stderr.write(`${summary(result)}\n`);
  if (json !== true) return;
  const { examples: _, restarts: _restarts, connectionsLost: _lost, ...line } = result;
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
