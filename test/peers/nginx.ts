/** nginx with its mail module as a provider's front door, asking our auth_http; not the system's service. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const PROGRAM = '/usr/sbin/nginx';
const MODULE = '/usr/lib/nginx/modules/ngx_mail_module.so';

export type NginxPorts = { readonly imap: number; readonly pop3: number; readonly smtp: number };

/** In clear: what is asked here is what it makes of our answers. @param authHttp the port of it */
export async function startNginx(folder: string, ports: NginxPorts, authHttp: number, key: string): Promise<{ stop(): Promise<void> }> {
  mkdirSync(folder);
  const file = join(folder, 'nginx.conf');
  writeFileSync(
    file,
    `load_module ${MODULE};
daemon off;
pid ${folder}/pid;
worker_processes 1;
error_log ${folder}/error.log info;
events { worker_connections 100; }
mail {
  server_name mail.isp.example;
  auth_http 127.0.0.1:${authHttp}/;
  auth_http_header X-Causeway-Key "${key}";
  server { listen 127.0.0.1:${ports.imap}; protocol imap; }
  server { listen 127.0.0.1:${ports.pop3}; protocol pop3; pop3_auth plain; }
  server { listen 127.0.0.1:${ports.smtp}; protocol smtp; smtp_auth plain login; xclient off; }
}
`,
  );
  const nginx = spawn(PROGRAM, ['-p', folder, '-c', file, '-e', join(folder, 'error.log')], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new Promise<void>((resolve) => nginx.once('exit', () => resolve()));
  return {
    async stop() {
      nginx.kill('SIGTERM');
      await ended;
    },
  };
}
