/**
 * A Dovecot of a test's own with IMAP, POP3, ManageSieve and LMTP, whose mail goes through the account's Sieve; it lets
 * everybody in who knows the one password. It runs as an ordinary user (as root: as `nobody`) and touches nothing but its
 * folder.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '#net/free-ports.testing.ts';
import { call } from './lines.ts';

export const PASSWORD = 'one-for-all';

export type PopDovecot = { readonly imap: number; readonly pop3: number; readonly sieve: number; readonly lmtp: number; /** A port on which nobody listens. */ readonly nobody: number; stop(): Promise<void> };

/** @param uidlFormat Dovecot's `pop3_uidl_format` */
export async function startPopDovecot(folder: string, uidlFormat: string): Promise<PopDovecot> {
  const { imap, pop3, sieve, lmtp, nobody } = await freePorts('imap', 'pop3', 'sieve', 'lmtp', 'nobody');
  const id = (flag: string): string => execFileSync('id', [flag], { encoding: 'utf8' }).trim();
  const [user, group] = process.getuid?.() === 0 ? ['nobody', 'nogroup'] : [id('-un'), id('-gn')];
  for (const part of ['', 'run', 'state', 'mail']) mkdirSync(join(folder, part), { recursive: true, mode: 0o755 });
  const config = join(folder, 'dovecot.conf');
  writeFileSync(
    config,
    `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
default_internal_user = ${user}
default_internal_group = ${group}
default_login_user = ${user}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  chroot =
  inet_listener pop3 {
    port = ${pop3}
  }
  inet_listener pop3s {
    port = 0
  }
}
service managesieve-login {
  chroot =
  inet_listener sieve {
    port = ${sieve}
  }
}
service lmtp {
  user = ${user}
  inet_listener lmtp {
    port = ${lmtp}
  }
}
protocols = imap pop3 sieve lmtp
protocol lmtp {
  mail_plugins = sieve
}
plugin {
  sieve = file:~/sieve;active=~/.dovecot.sieve
}
postmaster_address = postmaster@isp.example
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
mail_save_crlf = yes
pop3_uidl_format = ${uidlFormat}
# As where one session has a maildrop.
pop3_lock_session = yes
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
  args = uid=${user} gid=${group} home=${folder}/mail/%u
}
`,
  );
  chmodSync(config, 0o644);
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${user}:${group}`, folder]);
  const dovecot = spawn('/usr/sbin/dovecot', ['-F', '-c', config], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise<void>((resolve) => dovecot.once('exit', () => resolve()));
  for (const port of [imap, pop3, sieve, lmtp]) (await call(port)).socket.destroy();
  return {
    imap,
    pop3,
    sieve,
    lmtp,
    nobody,
    async stop() {
      dovecot.kill('SIGTERM');
      await ended;
    },
  };
}
