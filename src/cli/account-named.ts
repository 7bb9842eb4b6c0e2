import { Command } from 'commander';
import { CausewayError } from '#errors/index.ts';
import { actor, attached, type Attached } from '#context/attach.ts';
import { factsOf } from '#context/secrets.ts';
import { type Config, loadConfig } from '#config/index.ts';
import type { By, PlatformFacts } from '#directory/index.ts';
import { type Entry, findAccount } from '#directory/read-entries.ts';
import type { Store } from '#store/index.ts';

/** What the commands that change accounts have in common. */
export type ActOptions = { config?: string; json?: boolean; why?: string };

export type Acting = Attached & {
  readonly config: Config;
  readonly facts: PlatformFacts;
  readonly by: By;
};

/** @throws CausewayError `not-found` */
export async function accountNamed(store: Store, name: string): Promise<Entry> {
  const entry = await findAccount(store, name);
  if (entry !== undefined) return entry;
  throw new CausewayError('not-found', `there is no account ${name}`, { place: name });
}

/** A command that changes an account: `-c`, `--why`, `--json`. */
export function acting(command: Command): Command {
  return command
    .option('--why <reason>', 'kept in the audit')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object');
}

/** Attaches to the instance, whose configuration says which platforms have to be told. */
export function act(options: ActOptions, work: (to: Acting) => Promise<void>): Promise<void> {
  return attached(options.config, async (to) => {
    const config = loadConfig(options.config ?? to.run.config);
    await work({ ...to, config, facts: factsOf(config), by: { actor: actor(), ...(options.why === undefined ? {} : { why: options.why }) } });
  });
}
