/**
 * Where a connection comes from: the socket's own address, or what a trusted load balancer says in its PROXY header.
 *
 * Invariants: from a listed address the header is required, so that a balancer that forgot it never makes all clients one
 * address; from any other none is believed.
 */
import type { Socket } from 'node:net';
import { messageOf } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { type NetworkList, plainAddress } from '#net/networks.ts';
import { takeProxyHeader } from '#net/proxy-header.ts';
import type { Origin } from '#wire/proxy.ts';
import { proxyHeaderRefused } from './events.ts';

/** It comes with the connection's first packet, and that may be lost twice (1 s, then 2 s). Dovecot waits 3 s. */
export const HEADER_MS = 5_000;

/**
 * @param proxies who speaks for others on this port
 * @returns undefined when the header was not as it must be; the socket is destroyed then. Never rejects.
 */
export async function clientAddress(
  socket: Socket,
  proxies: NetworkList | undefined,
  { clock, emit }: { readonly clock: Clock; readonly emit: Emit },
): Promise<Origin | undefined> {
  const own = { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
  if (proxies?.has(own.address) !== true) return own;
  const time = new AbortController();
  const inTime = clock.after(HEADER_MS, () => time.abort(NEEDLESS));
  try {
    return (await takeProxyHeader(socket, time.signal)) ?? own;
  } catch (error) {
    emit(proxyHeaderRefused, { from: own.address, error: messageOf(error) });
    socket.destroy();
    return undefined;
  } finally {
    inTime();
  }
}
