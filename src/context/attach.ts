/**
 * How a command reaches the store of a running `serve`: through the data folder, which names the database.
 */
import { CausewayError } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { defaultDataFolder, loadConfig } from '#config/index.ts';
import { openStore, type Store } from '#store/index.ts';
import { readRunFile, type RunFile } from './data-folder.ts';
import { isAlive } from './processes.ts';

export type Attached = { readonly store: Store; readonly run: RunFile; readonly folder: string };

/**
 * @param configFile whose data folder to look in; by default the checkout's own, where the demo runs
 * @throws CausewayError `unavailable` when nothing runs there
 */
export async function attach(configFile?: string): Promise<Attached> {
  const config = configFile === undefined ? undefined : loadConfig(configFile);
  const folder = config?.data ?? defaultDataFolder();
  const run = readRunFile(folder);
  if (run === undefined || !isAlive(run.serve)) {
    throw new CausewayError('unavailable', 'no causeway serve runs here', {
      place: folder,
      remedy: 'Start one with: causeway serve -c FILE (or npm start), and give this command the same -c FILE.',
    });
  }
  const database = config?.database === undefined ? run.database : { connectionString: config.database.url.reveal() };
  return { store: await openStore(database, { emit: silent, clock: systemClock, poolSize: 4 }), run, folder };
}

/** Attaches for the time of `work`. */
export async function attached<T>(configFile: string | undefined, work: (to: Attached) => Promise<T>): Promise<T> {
  const to = await attach(configFile);
  try {
    return await work(to);
  } finally {
    await to.store.close();
  }
}

/** Who acts, for the audit: the login of the person at the terminal. */
export function actor(): string {
  return `cli:${process.env['SUDO_USER'] ?? process.env['USER'] ?? `uid ${process.getuid?.() ?? '?'}`}`;
}
