/** nginx with its mail module and an auth_http, as its documentation shows it; not the system's service. */
import { fork, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '#net/free-ports.testing.ts';
import { end, type Front, type Setting, toldPort } from './front.ts';

export const PROGRAM = '/usr/sbin/nginx';
export const MODULE = '/usr/lib/nginx/modules/ngx_mail_module.so';

export async function startNginx({ folder, certificate, accounts, verifier, backEnd, workers }: Setting): Promise<Front> {
  const authHttp = fork(join(import.meta.dirname, 'auth-http.ts'), [JSON.stringify(verifier === undefined ? { accounts, backEnd } : { accounts: [], verifier: verifier.http, backEnd })]);
  const authPort = await toldPort(authHttp);
  const { tls, plain } = await freePorts('tls', 'plain');
  mkdirSync(join(folder, 'logs'));
  writeFileSync(
    join(folder, 'nginx.conf'),
    `load_module ${MODULE};
daemon off;
pid ${folder}/nginx.pid;
worker_processes ${workers};
worker_rlimit_nofile 20000;
events { worker_connections 18000; }
mail {
  server_name localhost;
  auth_http 127.0.0.1:${authPort}/;
  proxy_pass_error_message on;
  imap_capabilities IMAP4rev1 SASL-IR ID LITERAL+;
  ssl_certificate ${certificate.certificate};
  ssl_certificate_key ${certificate.key};
  ssl_protocols TLSv1.2 TLSv1.3;
  server { listen 127.0.0.1:${tls} ssl backlog=1024; protocol imap; }
  server { listen 127.0.0.1:${plain} backlog=1024; protocol imap; }
}
`,
  );
  const nginx = spawn(PROGRAM, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'logs/error.log')], { stdio: ['ignore', 'inherit', 'inherit'] });
  return {
    name: 'nginx',
    tls,
    plain,
    roots: () => [nginx.pid!, authHttp.pid!],
    async stop() {
      await end(nginx);
      await end(authHttp);
    },
  };
}
