/**
 * Builds the pages into web/dist, unless what is there is newer than all that it is made of; and compresses each file
 * once, so that the server need not.
 *
 *   node web/build.ts            where nothing has changed it takes a few milliseconds
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { isFresh } from '../bin/fresh.ts';

const here = import.meta.dirname;
const dist = join(here, 'dist');
/** Its time is when the last build ended. */
const STAMP = join(dist, 'built');
const COMPRESSED = /\.(?:js|css|html|svg|json|webmanifest)$/;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function main(): Promise<void> {
  const sources = [...filesIn(here).filter((path) => !path.startsWith(dist)), ...filesIn(join(here, '../src')).filter((path) => path.endsWith('api.ts')), join(here, '../package-lock.json')];
  if (isFresh(STAMP, sources)) return;
  const vite = await import('vite').catch(() => undefined);
  if (vite === undefined) {
    process.stderr.write('web: the pages are not built, since vite is not installed (npm ci without --omit=dev brings it)\n');
    return;
  }
  await vite.build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn' });
  for (const path of filesIn(dist).filter((each) => COMPRESSED.test(each))) {
    const bytes = readFileSync(path);
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  }
  writeFileSync(STAMP, '');
}

await main();
