/**
 * What nginx asks whether a password is right and where the account lives: one HTTP request a login, on a connection of
 * its own (ngx_mail_auth_http_module). It does the least that such a service can do, a look into a map, and speaks
 * HTTP itself since Node's own server would cost a multiple of that; a real one costs nginx more.
 *
 * A process of its own: started with fork, it tells its port, and ends when its parent does.
 */
import { createServer } from 'node:net';

/** nginx's requests have some 300 bytes. */
const REQUEST_LIMIT = 8_192;

const { accounts, backEnd } = JSON.parse(process.argv[2]!) as { accounts: [login: string, secret: string][]; backEnd: number };
const secrets = new Map(accounts);
const RIGHT = reply(`Auth-Status: OK\r\nAuth-Server: 127.0.0.1\r\nAuth-Port: ${backEnd}\r\n`);
const WRONG = reply('Auth-Status: Invalid login or password\r\n');

function reply(headers: string): string {
  return `HTTP/1.0 200 OK\r\n${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`;
}

/** nginx escapes what a URL would (RFC 3986). */
function header(request: string, name: string): string {
  return decodeURIComponent(new RegExp(`^${name}: (.*)\r$`, 'mi').exec(request)?.[1] ?? '');
}

const server = createServer((socket) => {
  let request = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    request += chunk.toString('latin1');
    if (request.length > REQUEST_LIMIT) socket.destroy();
    if (!request.endsWith('\r\n\r\n')) return;
    socket.end(secrets.get(header(request, 'Auth-User')) === header(request, 'Auth-Pass') ? RIGHT : WRONG);
  });
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => process.send!({ port: (server.address() as { port: number }).port }));
process.on('disconnect', () => process.exit(0));
