/**
 * Builds the program into bin/dist, unless what is there is newer than all sources: each of its processes in a few files
 * instead of up to 1,000. `causeway --help` took 1.9 s of CPU from the sources and 0.7 so, and a mover's process 20 MiB more.
 * The sources themselves run as well: bin/causeway takes them where nothing is built, or a source has changed since.
 *
 *   node bin/build.ts            where nothing has changed it takes a few milliseconds
 */
import { readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isFresh } from './fresh.ts';

const root = join(import.meta.dirname, '..');
/** As deep as a room of src, so that the root is as far from both (config/paths.ts). */
const dist = join(root, 'bin/dist');
/** Its time is when the build began: a source that changes meanwhile is newer. */
const STAMP = join(dist, 'built');
/** What processes and threads begin with. Beside one another, as whoever starts one expects it. */
const SCRIPTS = [
  'cli/main',
  'context/workers/gateway-worker',
  'context/workers/mover-worker',
  'context/workers/office-worker',
  'context/workers/webmail-worker',
  'practice/auth-process',
  'practice/platform-process',
  'signin/load/hash-worker',
];

export async function build(): Promise<void> {
  // Folders, too: one is newer when a file of it is gone. What bin/causeway looks at, and this file.
  const sources = ['src', ...readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map((name) => join('src', name)), 'package-lock.json', 'bin/build.ts'];
  if (isFresh(STAMP, sources.map((name) => join(root, name)))) return;
  const bundler = await import('rolldown').catch(() => undefined);
  if (bundler === undefined) {
    process.stderr.write('bin: nothing is built, since rolldown is not installed (npm ci without --omit=dev brings it); the sources run\n');
    return;
  }
  // Beside it, then in its place: what another process starts meanwhile is whole.
  const making = `${dist}-${process.pid}`;
  const began = new Date();
  await bundler.build({
    input: Object.fromEntries(SCRIPTS.map((script) => [basename(script), join(root, 'src', `${script}.ts`)])),
    cwd: root,
    platform: 'node',
    // Machine code, which a package finds beside itself.
    external: [/^@node-rs\//],
    output: { dir: making, format: 'esm', chunkFileNames: '[name]-[hash].js' },
    logLevel: 'warn',
  });
  writeFileSync(join(making, 'built'), '');
  utimesSync(join(making, 'built'), began, began);
  rmSync(dist, { recursive: true, force: true });
  renameSync(making, dist);
}

if (process.argv[1] === import.meta.filename) await build();
