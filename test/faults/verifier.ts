/** A provider's own authentication server, over HTTP, that does what a scenario wants. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Mode = 'well' | 'down' | 'hangs' | 'nonsense' | 'refuses all' | 'refuses 30 %';

export type Verifier = { readonly url: string; set(mode: Mode): void; close(): void };

const HANG_MS = 30_000;
/** None of these is a verdict; the first is no HTTP. */
const NONSENSE: readonly ((response: ServerResponse) => void)[] = [
  (response) => void response.socket!.end('* OK [CAPABILITY IMAP4rev1] ready\r\n'),
  (response) => void response.writeHead(204).end(),
  (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  (response) => void response.writeHead(500).end('<html>stack trace</html>'),
];

/** @param secrets every login's right one */
export async function startVerifier(secrets: ReadonlyMap<string, string>): Promise<Verifier> {
  let mode: Mode = 'well';
  let asked = 0;
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk));
    request.on('end', () => {
      asked += 1;
      if (mode === 'nonsense') return NONSENSE[asked % NONSENSE.length]!(response);
      const { login, password } = JSON.parse(body) as { login: string; password: string };
      const refuses = mode === 'refuses all' || (mode === 'refuses 30 %' && (asked * 3) % 10 < 3);
      const answer = (): void => void response.writeHead(!refuses && secrets.get(login) === password ? 200 : 401).end();
      if (mode === 'hangs') timers.add(setTimeout(answer, HANG_MS));
      else answer();
    });
  });
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    if (mode === 'down') socket.resetAndDestroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    set(next) {
      mode = next;
      // Kept connections would go on as before.
      server.closeAllConnections();
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      server.closeAllConnections();
      server.close();
    },
  };
}
