/** Debian's packages of the peers. Those that are missing are installed, as root; their services are not started. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import * as dovecot from './dovecot.ts';
import * as nginx from './nginx.ts';

const PACKAGES: readonly [file: string, name: string][] = [
  [nginx.PROGRAM, 'nginx'],
  [nginx.MODULE, 'libnginx-mod-mail'],
  [dovecot.IMAP, 'dovecot-imapd'],
];

/** Debian starts a service when it installs it, unless this file says no. */
const POLICY = '/usr/sbin/policy-rc.d';

/** @throws Error that says what to install where we may not */
export function installMissing(): void {
  const missing = PACKAGES.filter(([file]) => !existsSync(file)).map(([, name]) => name);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) throw new Error(`these Debian packages are missing: ${missing.join(', ')}\nrun this once as root, or: ${command}`);
  process.stderr.write(`installing ${missing.join(', ')}\n`);
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const { status } = spawnSync('sh', ['-c', `apt-get -qq update && apt-get -qq ${command.slice('apt-get '.length)} >&2`], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) throw new Error(`apt-get could not install ${missing.join(', ')}`);
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
}
