/**
 * The command line. One file a command; this one tells the story and turns errors into words and exit statuses.
 *
 * Invariants: an error ends with its message, its place and its remedy on standard error, and the exit status of its
 * class; a stack is shown only for what is our own mistake. Results go to standard output, everything else to standard
 * error.
 */
import { Command } from 'commander';
import { CausewayError, exitStatus, explain } from '#errors/index.ts';

/** By name. A command's own modules are half a second to one of CPU, and all commands' together two. */
const COMMANDS = new Map<string, () => Promise<Command>>(Object.entries({
  serve: async () => (await import('./serve.ts')).serveCommand(),
  check: async () => (await import('./check.ts')).checkCommand(),
  account: async () => (await import('./account.ts')).accountCommand(),
  move: async () => (await import('./move.ts')).moveCommand(),
  rollback: async () => (await import('./rollback.ts')).rollbackCommand(),
  'way-back': async () => (await import('./way-back.ts')).wayBackCommand(),
  losses: async () => (await import('./losses.ts')).lossesCommand(),
  refused: async () => (await import('./refused.ts')).refusedCommand(),
  receipt: async () => (await import('./receipt.ts')).receiptCommand(),
  verify: async () => (await import('./verify.ts')).verifyCommand(),
  compare: async () => (await import('./compare.ts')).compareCommand(),
  cutover: async () => (await import('./cutover.ts')).cutoverCommand(),
  status: async () => (await import('./status.ts')).statusCommand(),
  instance: async () => (await import('./instance.ts')).instanceCommand(),
  staff: async () => (await import('./staff.ts')).staffCommand(),
  demo: async () => (await import('./demo/command.ts')).demoCommand(),
}));

const STORY = `
Causeway is the front door that an internet provider puts before its mail platforms, and the machinery that carries its
customers from one platform to another, under their hands, with nothing lost and nobody locked out.

  Look around      npm start                      a practice provider moves house, in a minute
  Put it in front  causeway check -c FILE         reads the configuration, tries everything it names
                   causeway serve -c FILE         runs the gateway, delivery and the movers
  Know the people  causeway account import FILE   accounts from CSV or a Dovecot passwd-file
                   causeway account show ADDRESS  where somebody lives, and what was proven
  Let people help  causeway staff add NAME --role administrator   who signs in to the desk and the console
  Help them        causeway account password ADDRESS, reset-link, app-password, rename, suspend, ... (account --help)
  Move some        causeway move ADDRESS --to new --dry-run   what would be done, and what would not fit
                   causeway move ADDRESS --to new             or --list FILE
                   causeway refused ADDRESS       messages that the target did not take, for a person to decide
                   causeway receipt ADDRESS       the signed proof of what was moved
                   causeway verify ADDRESS        reads both platforms anew and holds them against it
  Go back          causeway rollback ADDRESS      with all that came since; --wave NAME; --home-is-dead when the new platform is gone
                   causeway way-back              how far behind each account's former home is
                   causeway losses                what is still to be merged from a platform that was gone; --give-up
  Look for losses  causeway compare URL URL       any two accounts on any two IMAP servers, message by message
  Move all         causeway cutover plan FILE     what would happen
                   causeway cutover run FILE      waves behind gates; then: status, pause, resume
  Tell everybody   causeway status codes --out FILE   a code a customer, for letters: the status site then tells how the own move stands

Exit statuses: 0 well; 1 a check or a comparison found something wrong; 64 usage; 65 bad input file; 67 not found; 69 something is
down; 70 not allowed now, or our own mistake; 75 try again; 76 protocol; 77 refused; 78 configuration.`;

const program = new Command('causeway')
  .description('Carries mail customers from one platform to another, and stays the front door.')
  .version('0.1.0')
  .addHelpText('after', STORY)
  .showHelpAfterError('(causeway --help tells the whole story)')
  .exitOverride();

// `causeway receipt X | head` ends early, which is no mistake of anybody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 74));

try {
  // Only what is asked for; whoever asks for help, or for what there is not, sees all.
  const one = COMMANDS.get(process.argv[2] ?? '');
  for (const load of one === undefined ? COMMANDS.values() : [one]) program.addCommand(await load());
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 64;
  process.stderr.write(`causeway: ${explain(error)}\n`);
  const own = !(error instanceof CausewayError) || error.code === 'internal';
  if (own && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return exitStatus(error);
}

function isCommanderError(error: unknown): error is { exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
