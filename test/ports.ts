/**
 * Ports for servers that are told theirs, or come back on those that they had.
 *
 * Invariant: below those that systems give by themselves (from 32768 on, net.ipv4.ip_local_port_range), so that none is
 * somebody's listener, or the near end of somebody's connection, between this and its use.
 */
import { createServer } from 'node:net';

const [FIRST, COUNT] = [20_000, 10_000];

export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

/** Of a practice platform. */
export async function platformPorts() {
  const [imapPort, trustedPort, pop3Port, pop3TrustedPort, sievePort, sieveTrustedPort, submissionPort, submissionTrustedPort, lmtpPort] = (await freePorts(9)) as [number, number, number, number, number, number, number, number, number];
  return { imapPort, trustedPort, pop3Port, pop3TrustedPort, sievePort, sieveTrustedPort, submissionPort, submissionTrustedPort, lmtpPort };
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true))));
}
