/**
 * `npm test`: all tests, and a second look, alone, at files that failed while others ran beside them (`second-look.ts`).
 * Words behind it go to Vitest. What passed only alone is told last: it is a race that somebody has to find.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ALONE } from '../vitest.config.ts';
import { type Report, secondLook } from './second-look.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-report-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const report = join(folder, 'report.json');

const vitest = (...words: readonly string[]): Promise<number> =>
  new Promise((done, fail) => {
    spawn(process.execPath, [join(import.meta.dirname, '../node_modules/vitest/vitest.mjs'), 'run', ...words], { stdio: 'inherit' }).once('error', fail).once('exit', (code) => done(code ?? 1));
  });

const say = (text: string): void => void process.stderr.write(`\n${text}\n`);

const status = await vitest('--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2));
const again = status === 0 ? [] : secondLook(JSON.parse(readFileSync(report, 'utf8')) as Report, ALONE);
process.exitCode = status;
if (again.length > 0) {
  const names = again.map((file) => relative(process.cwd(), file)).join(', ');
  say(`Failed beside others; once more, alone: ${names}`);
  process.exitCode = 0;
  for (const file of again) process.exitCode ||= await vitest(file);
  say(process.exitCode === 0 ? `PASSED ONLY ALONE, which is a race to be found: ${names}` : 'Failed alone, too.');
}
