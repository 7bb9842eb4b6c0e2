import { Command } from 'commander';
import { logToStandardError } from '#context/logging.ts';
import { serve } from '#context/serve.ts';
import { CausewayError } from '#errors/index.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('runs the gateway, delivery and the movers, until SIGTERM; SIGHUP replaces the gateway workers')
    .requiredOption('-c, --config <file>', 'the configuration (YAML)')
    .addHelpText(
      'after',
      '\nEvents go to standard error as JSON lines. The key of the known good comes from systemd (LoadCredential=causeway-known-good:…)\nor from the file named by CAUSEWAY_KNOWN_GOOD_KEY_FILE; without one, nothing is remembered over a restart.',
    )
    .action(run);
}

async function run(options: { config: string }): Promise<void> {
  const serving = await serve(options.config, logToStandardError());
  const asked = new Promise<'asked'>((resolve) => {
    process.once('SIGTERM', () => resolve('asked'));
    process.once('SIGINT', () => resolve('asked'));
  });
  // What systemd's ExecReload sends.
  process.on('SIGHUP', () => void serving.restartWorkers());
  const why = await Promise.race([asked, serving.expelled]);
  await serving.stop();
  if (why === 'asked') process.exit(0);
  throw new CausewayError('conflict', 'this instance was taken off the list of instances', {
    retryable: true,
    remedy: 'Start it again: it joins the list and reads every route anew.',
  });
}
