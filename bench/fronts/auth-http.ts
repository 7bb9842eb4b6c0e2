/**
 * What nginx asks whether a password is right and where the account lives: one HTTP request a login, on a connection of
 * its own (ngx_mail_auth_http_module). It does the least that such a service can do, a look into a map, and speaks
 * HTTP itself since Node's own server would cost a multiple of that; a real one costs nginx more. Where a verifier knows
 * the secrets it asks that one, any number at a time, as such services do.
 *
 * A process of its own: started with fork, it tells its port, and ends when its parent does.
 */
import { Agent, request as requestHttp } from 'node:http';
import { createServer } from 'node:net';

/** nginx's requests have some 300 bytes. */
const REQUEST_LIMIT = 8_192;

const { accounts, verifier, backEnd } = JSON.parse(process.argv[2]!) as { accounts: [login: string, secret: string][]; verifier?: number; backEnd: number };
const secrets = new Map(accounts);
const RIGHT = reply(`Auth-Status: OK\r\nAuth-Server: 127.0.0.1\r\nAuth-Port: ${backEnd}\r\n`);
const WRONG = reply('Auth-Status: Invalid login or password\r\n');
/** nginx answers it with "internal server error", which blames no password. */
const FAILED = 'HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
const agent = new Agent({ keepAlive: true });

function reply(headers: string): string {
  return `HTTP/1.0 200 OK\r\n${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`;
}

/** nginx escapes what a URL would (RFC 3986). */
function header(request: string, name: string): string {
  return decodeURIComponent(new RegExp(`^${name}: (.*)\r$`, 'mi').exec(request)?.[1] ?? '');
}

function ask(port: number, login: string, secret: string, done: (answer: string) => void): void {
  const asked = requestHttp({ host: '127.0.0.1', port, method: 'POST', agent }, (response) => {
    response.resume();
    done(response.statusCode === 200 ? RIGHT : response.statusCode === 401 ? WRONG : FAILED);
  });
  asked.on('error', () => done(FAILED));
  asked.end(JSON.stringify({ login, password: secret }));
}

const server = createServer((socket) => {
  let request = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    request += chunk.toString('latin1');
    if (request.length > REQUEST_LIMIT) socket.destroy();
    if (!request.endsWith('\r\n\r\n')) return;
    const [login, secret] = [header(request, 'Auth-User'), header(request, 'Auth-Pass')];
    if (verifier === undefined) socket.end(secrets.get(login) === secret ? RIGHT : WRONG);
    else ask(verifier, login, secret, (answer) => socket.end(answer));
  });
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => process.send!({ port: (server.address() as { port: number }).port }));
process.on('disconnect', () => process.exit(0));
