/** A server for tests that says a greeting and, to each line that comes, what a script has for its first word. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export type ScriptedLines = {
  readonly port: number;
  /** Every line that came. */
  readonly heard: readonly string[];
  close(): void;
};

/**
 * @param answers by the whole line or its first word, with their line ends; no answer where there is none
 * @param after is called after the answer to such a line: to begin TLS, say
 */
export async function serveScriptedLines(greeting: string, answers: Readonly<Record<string, string>>, after: Readonly<Record<string, (socket: Socket) => void>> = {}): Promise<ScriptedLines> {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.write(greeting);
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').slice(0, -1)) {
        heard.push(line);
        const answer = answers[line.split(' ')[0]!] ?? answers[line];
        if (answer !== undefined) socket.write(answer);
        after[line]?.(socket);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
