/**
 * What knows the customers' secrets: the same for all fronts. It has so many places, each takes so long for a check, and
 * who finds none waits in a queue without end, oldest first, as a directory or an SQL server keeps it: it works on
 * questions whose asker has left long ago too. A check is a sleep and takes no CPU from the fronts.
 *
 * Asked over IMAP (LOGIN) and over HTTP (POST of login and password as JSON: 200 or 401). A process of its own: started
 * with fork, it tells its ports, and ends when its parent does.
 */
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { isRight } from './customers.ts';

/** A message to it: how it answers from now on. With `ms` 0 at once; the queue is empty then. */
export type Manner = { readonly places: number; readonly ms: number };
/** Its answer to any message. */
export type Checks = { readonly begun: number; readonly done: number };

/** Names and passwords, nothing more. */
const REQUEST_LIMIT = 65_536;

let manner: Manner = { places: 1, ms: 0 };
/** When each place is free; with checks of one length the oldest question gets the places in turn. */
let free: number[] = [];
let turn = 0;
let queue: { readonly end: number; readonly answer: () => void }[] = [];
let next = 0;
let timer: NodeJS.Timeout | undefined;
let begun = 0;

/** Calls `done` when a place has worked on the question. */
function check(login: string, secret: string, done: (right: boolean) => void): void {
  begun += 1;
  const answer = (): void => done(isRight(login, secret));
  if (manner.ms === 0) return answer();
  const now = performance.now();
  // By the clock and not by when a timer fires: a busy machine must not make the verifier weaker.
  const end = Math.max(now, free[turn]!) + manner.ms;
  free[turn] = end;
  turn = (turn + 1) % manner.places;
  queue.push({ end, answer });
  timer ??= setTimeout(serve, end - now);
}

function serve(): void {
  const now = performance.now();
  for (; next < queue.length && queue[next]!.end <= now; next += 1) queue[next]!.answer();
  if (next > 10_000) {
    queue = queue.slice(next);
    next = 0;
  }
  timer = next < queue.length ? setTimeout(serve, queue[next]!.end - now) : undefined;
}

const imap = createServer((socket) => {
  let input = '';
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.write('* OK [CAPABILITY IMAP4rev1] Ready.\r\n');
  socket.on('data', (chunk: Buffer) => {
    input += chunk.toString('latin1');
    if (input.length > REQUEST_LIMIT) socket.destroy();
    for (let end = input.indexOf('\r\n'); end >= 0; end = input.indexOf('\r\n')) {
      const [tag = '*', name = '', ...args] = input.slice(0, end).split(' ');
      input = input.slice(end + 2);
      if (name.toUpperCase() === 'CAPABILITY') socket.write('* CAPABILITY IMAP4rev1\r\n');
      if (name.toUpperCase() === 'LOGIN') {
        const [login = '', secret = ''] = args.map((arg) => arg.replace(/^"(.*)"$/, '$1'));
        check(login, secret, (right) => socket.write(right ? `${tag} OK Right.\r\n` : `${tag} NO [AUTHENTICATIONFAILED] Wrong.\r\n`));
      } else if (name.toUpperCase() === 'LOGOUT') socket.end(`* BYE Until next time.\r\n${tag} OK Done.\r\n`);
      else socket.write(`${tag} OK Done.\r\n`);
    }
  });
});

const http = createHttp({ keepAliveTimeout: 600_000 }, (request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
    if (body.length > REQUEST_LIMIT) request.destroy();
  });
  request.on('end', () => {
    const { login, password } = JSON.parse(body) as { login: string; password: string };
    check(login, password, (right) => response.writeHead(right ? 200 : 401).end());
  });
});

process.on('message', (message: Manner) => {
  // Asked for its figures only: the places stay taken.
  if (message.places !== manner.places || message.ms !== manner.ms) {
    free = Array.from({ length: message.places }, () => 0);
    turn = 0;
  }
  manner = message;
  process.send!({ begun, done: begun - (queue.length - next) } satisfies Checks);
});
process.on('disconnect', () => process.exit(0));
const [imapPort, httpPort] = await Promise.all(
  [imap, http].map((server) => new Promise<number>((done) => server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => done((server.address() as AddressInfo).port)))),
);
process.send!({ imap: imapPort, http: httpPort });
