/**
 * A Dovecot of the bench's own: an IMAP server over Maildir that lets everybody in who knows the one password. It runs
 * as an ordinary user (as root: as `nobody`) and touches nothing but its folder.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePorts } from '#net/free-ports.testing.ts';
import { end } from '../fronts/front.ts';
import { traced } from './fsyncs.ts';

export const PASSWORD = 'bench-password';

export type MailStore = {
  readonly port: number;
  readonly config: string;
  /** Where a user's Maildir is. */
  maildir(user: string): string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
};

/** As root: of `nobody`. Dovecot refuses to work as root. */
export const OWNER = process.getuid?.() === 0 ? { user: 'nobody', group: 'nogroup' } : { user: name('-un'), group: name('-gn') };

function name(which: string): string {
  return execFileSync('id', [which], { encoding: 'utf8' }).trim();
}

/** A busy machine takes seconds to start a daemon. */
const START_MS = 20_000;

/**
 * @param home Dovecot's variables for a user's folder: `%n` lets `a@x` and `a@y` have one mailbox, `%u` each its own
 * @param counted a file that its fsyncs are traced into (fsyncs.ts)
 * @param sessions processes that it may have of a kind: one for each session
 * @param capabilities what it announces after sign-in, as Dovecot's `imap_capability`; its own if nothing is said
 */
export async function startMailStore(folder: string, home: '%n' | '%u', counted?: string, capabilities?: string, sessions = 200): Promise<MailStore> {
  const { port } = await freePorts('port');
  for (const part of ['', 'run', 'state', 'mail']) mkdirSync(join(folder, part), { recursive: true, mode: 0o755 });
  const config = join(folder, 'dovecot.conf');
  writeFileSync(
    config,
    `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
default_internal_user = ${OWNER.user}
default_internal_group = ${OWNER.group}
default_login_user = ${OWNER.user}
default_process_limit = ${sessions}
default_client_limit = ${Math.max(1_000, sessions * 4)}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  service_count = 0
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
# Bytes are kept as they came.
mail_save_crlf = yes
namespace inbox {
  inbox = yes
  separator = .
}
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${OWNER.user} gid=${OWNER.group} home=${folder}/mail/${home}
}
protocol imap {
${capabilities === undefined ? '' : `  imap_capability = ${capabilities}\n`}  mail_max_userip_connections = 100
}
`,
  );
  chmodSync(config, 0o644);
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${OWNER.user}:${OWNER.group}`, folder]);
  const command = ['/usr/sbin/dovecot', '-F', '-c', config];
  const [program, ...args] = [...(counted === undefined ? [] : traced(counted)), ...command] as [string, ...string[]];
  const dovecot = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  for (const until = performance.now() + START_MS; !(await answers(port)); ) {
    if (dovecot.exitCode !== null || performance.now() > until) throw new Error(`Dovecot does not start: see ${folder}/dovecot.log`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return { port, config, maildir: (user) => join(folder, 'mail', home === '%n' ? user.replace(/@.*/, '') : user, 'Maildir'), process: dovecot, stop: () => end(dovecot) };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    for (const event of ['error', 'close']) socket.once(event, () => resolve(false));
  });
}
