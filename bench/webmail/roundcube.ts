/**
 * Debian's Roundcube, as its package is, with a configuration, a database and folders of the bench's own: PHP's own server
 * on loopback with as many workers as a browser has connections, and the byte code cache on, as under php-fpm.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '#net/free-ports.testing.ts';
import { end } from '../fronts/front.ts';

const PUBLIC = '/var/lib/roundcube/public_html';
const TABLES = '/usr/share/roundcube/SQL/sqlite.initial.sql';

export type Webmail = { readonly name: 'causeway' | 'roundcube'; readonly url: string; stop(): Promise<void> };

/** Of the package, beside what the bench sets. */
const DEFAULTS = ['defaults.inc.php', 'mimetypes.php'];

/** What is missing, in words; undefined when all is there. */
export function roundcubeMissing(): string | undefined {
  if (existsSync(PUBLIC) && existsSync(TABLES) && existsSync('/usr/bin/php')) return undefined;
  return 'Debian’s Roundcube is not installed: apt-get install -y --no-install-recommends roundcube-core roundcube-sqlite3 php-cli';
}

export async function startRoundcube(folder: string, imapPort: number): Promise<Webmail> {
  const { port } = await freePorts('port');
  for (const part of ['config', 'log', 'temp']) mkdirSync(join(folder, part), { recursive: true });
  for (const file of DEFAULTS) symlinkSync(join('/etc/roundcube', file), join(folder, 'config', file));
  const database = join(folder, 'roundcube.db');
  execFileSync('php', ['-r', '$db = new PDO("sqlite:" . $argv[1]); $db->exec(file_get_contents($argv[2]));', database, TABLES]);
  writeFileSync(
    join(folder, 'config', 'config.inc.php'),
    `<?php
$config = [
  'db_dsnw' => 'sqlite:///${database}?mode=0640',
  'imap_host' => '127.0.0.1:${imapPort}',
  'smtp_host' => '127.0.0.1:1',
  'des_key' => 'rcmail-24ByteDESkeyBench',
  'log_dir' => '${folder}/log/',
  'temp_dir' => '${folder}/temp/',
  'plugins' => [],
  'skin' => 'elastic',
  'language' => 'en_US',
  'enable_installer' => false,
];
`,
  );
  const settings = ['-d', 'opcache.enable_cli=1', '-d', 'display_errors=0', '-d', 'memory_limit=512M', '-d', `error_log=${folder}/log/php`];
  const php = spawn('php', [...settings, '-S', `127.0.0.1:${port}`, '-t', PUBLIC], {
    env: { ...process.env, ROUNDCUBE_CONFIG_DIR: join(folder, 'config'), PHP_CLI_SERVER_WORKERS: '6' },
    stdio: 'ignore',
    // Its workers outlive it: they are ended as a group.
    detached: true,
  });
  const url = `http://127.0.0.1:${port}/`;
  for (const until = performance.now() + 20_000; ; await new Promise((wake) => setTimeout(wake, 100))) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok === true) break;
    if (php.exitCode !== null || performance.now() > until) throw new Error(`Roundcube does not start: ${answer?.status}, see ${folder}/log`);
  }
  const stop = async (): Promise<void> => {
    process.kill(-php.pid!, 'SIGTERM');
    await end(php);
  };
  return { name: 'roundcube', url, stop };
}
