import { Command } from 'commander';
import { CausewayError } from '#errors/index.ts';
import { actor, attached } from '#context/attach.ts';
import { evictInstance, listInstances } from '#directory/route/instances.ts';
import { print, table } from './output.ts';

type Options = { config?: string; json?: boolean };

export function instanceCommand(): Command {
  const instance = new Command('instance').description('the instances whose word every hold needs');
  instance
    .command('list')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .option('--json', 'one JSON object')
    .action(async (options: Options) => {
      await attached(options.config, async ({ store }) => {
        print({ instances: await listInstances(store) }, options.json, ({ instances }) =>
          table(['INSTANCE', 'LISTED SINCE'], instances.map((each) => [each.id, each.listedAt.toISOString()])),
        );
      });
    });
  instance
    .command('evict')
    .description('takes an instance that will not come back off the list, so that holds no longer wait for its word')
    .argument('<id>')
    .requiredOption('--why <reason>', 'kept in the audit')
    .requiredOption('--addresses-are-cut-off', 'you have made sure that no customer and no MX can reach it any more')
    .option('-c, --config <file>', 'the configuration of the instance to reach')
    .action(async (id: string, options: Options & { why: string }) => {
      await attached(options.config, async ({ store }) => {
        const evicted = await store.transaction((tx) => evictInstance(tx, id, { actor: actor(), why: options.why }));
        if (!evicted) throw new CausewayError('not-found', `no instance ${id} is listed`, { remedy: 'See: causeway instance list' });
        process.stdout.write(`${id} is off the list\n`);
      });
    });
  return instance;
}
