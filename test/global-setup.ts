import { chmodSync, lstatSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from '../bin/build.ts';
import { isAlive, processesOf, readPidFile } from '../src/store/embedded/processes.ts';
import { TEST_FOLDER } from '../src/store/testing.ts';

/**
 * The program, built; and one folder for each run, in which the first test that needs a store starts PostgreSQL, and
 * processes keep their compiled code. At the end the server is stopped and the folder removed; so are those of earlier
 * runs that were killed.
 */
const PREFIX = 'causeway-test-';

export async function setup(): Promise<() => Promise<void>> {
  await build();
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (name.startsWith(PREFIX) && lstatSync(folder).uid === process.getuid?.() && !isAlive(runOf(folder))) {
      await remove(folder);
    }
  }
  const begun = mkdtempSync(join(tmpdir(), 'causeway-begun-'));
  // As root the server has a user of its own, who must be able to enter.
  chmodSync(begun, 0o711);
  writeFileSync(join(begun, 'run'), String(process.pid));
  // Another run that starts at this moment must not find it before it says whose it is.
  const folder = join(tmpdir(), PREFIX + basename(begun));
  renameSync(begun, folder);
  process.env[TEST_FOLDER] = folder;
  // Scenarios start hundreds of processes; one that finds its modules compiled is up in half the time.
  process.env.NODE_COMPILE_CACHE = join(folder, 'compiled');
  return () => remove(folder);
}

function runOf(folder: string): number {
  try {
    return Number(readFileSync(join(folder, 'run'), 'utf8'));
  } catch {
    return 0;
  }
}

async function remove(folder: string): Promise<void> {
  const pgdata = join(folder, 'postgres', 'pgdata');
  const server = readPidFile(pgdata);
  if (server !== undefined && processesOf(pgdata).includes(server.pid)) {
    // Immediate: nothing in it is worth a checkpoint.
    process.kill(server.pid, 'SIGQUIT');
    while (processesOf(pgdata).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    rmSync(server.socketFolder, { recursive: true, force: true });
  }
  rmSync(folder, { recursive: true, force: true });
}
