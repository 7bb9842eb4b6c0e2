/**
 * A platform as a process: `node platform-process.ts '{"name", "folder", ..., "exitWithParent"}'` (`PlatformOptions`).
 * Prints one line of JSON, `{"imapPort", "trustedPort", "pop3Port", ...}` (`PlatformPorts`), when it serves; on
 * failure `{"error", "place", "remedy"}`. Its own log goes to standard error.
 */
import { CausewayError, exitStatus, messageOf } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import { createEmit } from '#events/index.ts';
import { logSink } from '#events/log.ts';
import { exitWithParent } from './parent.ts';
import { createPlatform, type PlatformOptions } from './platform.ts';

export type PlatformProcessOptions = PlatformOptions & { readonly exitWithParent: boolean };

const options = JSON.parse(process.argv[2] ?? '{}') as PlatformProcessOptions;
if (options.exitWithParent) exitWithParent();
const emit = createEmit([logSink((line) => void process.stderr.write(line), systemClock)]);
try {
  const { close: _, ...ports } = await createPlatform(options, { emit });
  process.stdout.write(`${JSON.stringify(ports)}\n`);
} catch (error) {
  const { place, remedy } = error instanceof CausewayError ? error : {};
  process.stdout.write(`${JSON.stringify({ error: messageOf(error), place, remedy })}\n`);
  process.exit(exitStatus(error));
}
