import { execFile } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, existsSync, lchownSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CausewayError } from '#errors/index.ts';
import { ensureBinaries, sweep, unfinishedName } from './binaries.ts';
import type { Binaries } from './binaries.ts';
import { startFailure } from './failure.ts';
import { initOwner, serverOwner } from './owner.ts';
import type { Owner } from './owner.ts';

/** The data folder of the server: `pgdata`, made by initdb. It appears whole or not at all, however initdb ends. */

/** The version whose binaries we bring, as PG_VERSION has it. */
const VERSION = '18';
/** The database's superuser; only who reaches the socket gets that far. */
export const DATABASE_USER = 'causeway';
/** initdb takes 1.3-2.2 s; a loaded machine with a slow disk gets much more. */
const INITDB_MS = 120_000;

/** Makes `<dataDir>/pgdata` unless it is there. @returns its path and the programs that serve it */
export async function ensureCluster(dataDir: string, binariesDir: string): Promise<{ pgdata: string; binaries: Binaries }> {
  makeReachable(dataDir);
  const pgdata = join(dataDir, 'pgdata');
  const binaries = ensureBinaries(binariesDir);
  if (!existsSync(pgdata)) {
    try {
      await initialise(binaries.initdb, pgdata);
    } catch (error) {
      throw startFailure('the embedded PostgreSQL cannot be made', error, dataDir);
    }
  }
  const found = readFileSync(join(pgdata, 'PG_VERSION'), 'utf8').trim();
  if (found !== VERSION) {
    throw new CausewayError('config', `the database was made by PostgreSQL ${found}, and this program brings ${VERSION}`, {
      place: pgdata,
      remedy: `start the former version, copy the database with pg_dump, and restore it into an empty \`data\``,
    });
  }
  return { pgdata, binaries };
}

async function initialise(initdb: string, pgdata: string): Promise<void> {
  sweep(dirname(pgdata), 'pgdata');
  const unfinished = unfinishedName(pgdata);
  const maker = initOwner();
  mkdirSync(unfinished, { mode: 0o700 });
  try {
    if (maker !== undefined) chownSync(unfinished, maker.uid, maker.gid);
    // No locale of the system: sorting must not change with its libraries.
    const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--encoding=UTF8'];
    const settings = ['-D', unfinished, '-U', DATABASE_USER, '--auth=trust', '--data-checksums', '--no-instructions'];
    await promisify(execFile)(initdb, [...settings, ...locale], {
      ...maker,
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      timeout: INITDB_MS,
    }).catch((error: Error & { stderr?: string }) => {
      throw new Error(lastWords(error.stderr ?? '') || error.message, { cause: error });
    });
    const owner = serverOwner();
    if (owner !== undefined) give(unfinished, owner);
    renameSync(unfinished, pgdata);
  } catch (error) {
    // Another process was first, or there is nothing to keep.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(pgdata)) throw error;
  }
}

const lastWords = (text: string): string =>
  text.split('\n').filter((line) => /error|fatal|could not/i.test(line)).slice(-2).join('; ');

function give(path: string, owner: Owner): void {
  lchownSync(path, owner.uid, owner.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const entry of readdirSync(path)) give(join(path, entry), owner);
}

/** Makes `dataDir`, and as root sees to it that the server's user can enter it. */
function makeReachable(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: serverOwner() === undefined ? 0o700 : 0o711 });
    accessSync(dataDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw startFailure('the folder of the embedded PostgreSQL cannot be used', error, dataDir);
  }
  if (serverOwner() === undefined) return;
  for (let folder = dataDir, own = 2; ; folder = dirname(folder), own--) {
    const { mode, uid } = lstatSync(folder);
    if ((mode & 0o001) === 0) {
      // The folder itself and the one around it are ours to open; what lies above is somebody's decision.
      if (own <= 0 || uid !== 0) {
        throw new CausewayError('config', `the user of the embedded PostgreSQL (${serverOwner()?.uid}) cannot enter ${folder}`, {
          place: dataDir,
          remedy: `put \`data\` where every user can enter, for example below /var/lib, or chmod a+x ${folder}`,
        });
      }
      chmodSync(folder, (mode & 0o777) | 0o011);
    }
    if (folder === dirname(folder)) return;
  }
}
