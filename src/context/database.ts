/** The PostgreSQL of an installation: the operator's own, or the one that Causeway brings and keeps alive. */
import { join } from 'node:path';
import type { Config } from '#config/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { superviseEmbedded } from '#store/embedded/supervise.ts';
import type { Connection } from '#store/index.ts';

export type Database = {
  readonly connection: Connection;
  /** Of the embedded server, as it is now. */
  pid(): number | undefined;
  stop(): Promise<void>;
};

/** As root the programs are copied once for all instances, where the database's own user can reach them. */
const SHARED = '/var/lib/causeway';

export async function openDatabase(config: Config, clock: Clock, emit: Emit): Promise<Database> {
  if (config.database !== undefined) {
    return { connection: { connectionString: config.database.url.reveal() }, pid: () => undefined, stop: async () => {} };
  }
  const embedded = await superviseEmbedded({
    dataDir: join(config.data, 'postgres'),
    binariesDir: process.getuid?.() === 0 ? SHARED : config.data,
    clock,
    emit,
  });
  return embedded;
}
