/**
 * A Postfix of our own: Debian's programs with a folder of their own; the system's service and its queue are left alone.
 *
 * One smtpd process serves a port at a time, one client after the other, so that what becomes of its connection to the
 * authentication server is seen by the next.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const PROGRAM = '/usr/sbin/postfix';

export type Postfix = {
  readonly port: number;
  /** What chrooted Postfixes call `/`: the way to a socket starts here. */
  readonly queue: string;
  log(): string;
  stop(): Promise<void>;
};

/**
 * @param saslPath as in `smtpd_sasl_path`
 * @param more lines for main.cf and master.cf; `clients`: how many are served at a time
 */
export async function startPostfix(folder: string, port: number, saslPath: string, more: { main?: string; master?: string; clients?: number } = {}): Promise<Postfix> {
  const [conf, queue, data, log] = ['conf', 'queue', 'data', 'log'].map((name) => join(folder, name)) as [string, string, string, string];
  for (const each of [folder, conf, queue, data]) mkdirSync(each, { recursive: true, mode: 0o755 });
  chmodSync(folder, 0o755);
  const [uid, gid] = idsOf('postfix');
  chownSync(data, uid, gid);
  writeFileSync(
    join(conf, 'main.cf'),
    `compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${data}
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
inet_protocols = ipv4
inet_interfaces = loopback-only
myhostname = mx.isp.example
mydestination =
mynetworks =
alias_maps =
maillog_file = ${log}
maillog_file_prefixes = ${folder}
smtpd_peername_lookup = no
smtpd_delay_reject = no
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = ${saslPath}
smtpd_sender_restrictions = permit_sasl_authenticated, reject
${more.main ?? ''}`,
  );
  writeFileSync(
    join(conf, 'master.cf'),
    `127.0.0.1:${port} inet n - y - ${more.clients ?? 1} smtpd
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
rewrite unix - - n - - trivial-rewrite
postlog unix-dgram n - n - 1 postlogd
${more.master ?? ''}`,
  );
  execFileSync(PROGRAM, ['-c', conf, 'check'], { stdio: 'pipe' });
  const master = spawn('/usr/lib/postfix/sbin/master', ['-c', conf, '-d'], { stdio: 'ignore', env: { ...process.env, MAIL_CONFIG: conf } });
  return {
    port,
    queue,
    log: () => readFileSync(log, 'utf8'),
    stop: () => ended(master),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  // master ends its own with it.
  child.kill('SIGTERM');
  await exit;
}

function idsOf(name: string): [uid: number, gid: number] {
  const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8').split('\n').find((line) => line.startsWith(`${name}:`))!.split(':');
  return [Number(uid), Number(gid)];
}
