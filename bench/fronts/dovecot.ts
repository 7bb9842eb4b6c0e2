/**
 * Dovecot as a proxy, its login processes in their high-performance mode (one a core, each serving many clients); not
 * the system's service.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '#net/free-ports.testing.ts';
import { end, type Front, type Setting } from './front.ts';

export const PROGRAM = '/usr/sbin/dovecot';
export const IMAP = '/usr/lib/dovecot/imap-login';

export async function startDovecot({ folder, certificate, accounts, verifier, backEnd, workers }: Setting): Promise<Front> {
  const { tls, plain } = await freePorts('tls', 'plain');
  const proxy = `proxy=y host=127.0.0.1 port=${backEnd}`;
  const users = join(folder, 'users');
  if (verifier === undefined) writeFileSync(users, accounts.map(([login, secret]) => `${login}:{PLAIN}${secret}::::::${proxy}\n`).join(''), { mode: 0o644 });
  // passdb imap asks without blocking, any number at a time, and costs no process for each.
  const passdb =
    verifier === undefined
      ? `  driver = passwd-file\n  args = username_format=%u ${users}`
      : `  driver = imap\n  args = host=127.0.0.1 port=${verifier.imap}\n  default_fields = ${proxy}`;
  writeFileSync(
    join(folder, 'dovecot.conf'),
    `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <${certificate.certificate}
ssl_key = <${certificate.key}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = no
default_client_limit = 10000
default_vsz_limit = 0
passdb {
${passdb}
}
service imap-login {
  service_count = 0
  process_min_avail = ${workers}
  process_limit = ${workers}
  client_limit = 10000
  inet_listener imap {
    port = ${plain}
  }
  inet_listener imaps {
    port = ${tls}
    ssl = yes
  }
}
service auth {
  client_limit = 20000
}
service anvil {
  client_limit = 20000
}
`,
  );
  const dovecot = spawn(PROGRAM, ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: ['ignore', 'inherit', 'inherit'] });
  return { name: 'dovecot', tls, plain, roots: () => [dovecot.pid!], stop: () => end(dovecot) };
}
