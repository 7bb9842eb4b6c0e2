/** Starts the gateway's workers and connects each to sign-in and holds. */
import { randomBytes } from 'node:crypto';
import type { Config } from '#config/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { FromWorker, ToWorker } from '#gateway/messages.ts';
import type { GatewayWorkers } from '#gateway/workers.ts';
import { type Batch, createBatch, unpack } from './batch.ts';
import { type Child, type Children, type Place, workerScript } from './children.ts';
import type { RunFile } from '../data-folder.ts';
import { restartWorkers } from './rolling-restart.ts';

export type GatewayPorts = Omit<RunFile['ports'], 'lmtp'>;

/** What a gateway worker is told at its start. */
export type GatewayOrders = { readonly config: string; readonly ports: GatewayPorts; readonly certificate: { readonly certificate: string; readonly key: string }; /** It is given its ports by a worker whose place it takes. */ readonly inherits?: true };

/**
 * The first message to a gateway worker: what all workers of this life make the keys of TLS tickets from, in base64, so
 * that each resumes the sessions of the others. It is kept nowhere.
 */
export type TicketSecret = { readonly t: 'ticket-secret'; readonly secret: string };

/** What a gateway worker says of its start, before anything else. */
export type GatewayStarted = { readonly t: 'started' } | { readonly t: 'failed'; readonly error: { readonly message: string; readonly place?: string; readonly remedy?: string } };

export type Gateway = {
  /** See `rolling-restart.ts`. One that is asked for while one goes on follows it; more are the same one. Never rejects. */
  restart(): Promise<void>;
};

/** @throws CausewayError `config` when a worker cannot take its ports */
export async function startGateway(parts: {
  config: Config;
  ports: GatewayPorts;
  certificate: GatewayOrders['certificate'];
  children: Children;
  workers: GatewayWorkers;
  clock: Clock;
  emit: Emit;
}): Promise<Gateway> {
  const { config, ports, certificate, children, workers, clock, emit } = parts;
  const orders: GatewayOrders = { config: config.file, ports, certificate };
  const tickets: TicketSecret = { t: 'ticket-secret', secret: randomBytes(32).toString('base64') };
  const script = workerScript('gateway');
  const places: Place[] = [];
  const first = Array.from({ length: config.workers.gateway }, () => {
    const started = Promise.withResolvers<void>();
    const place = children.start(
      'gateway',
      script,
      [JSON.stringify(orders)],
      (child) => {
        child.process.send(tickets);
        child.process.on('message', (message) => hear(message as GatewayStarted, started));
        addTo(workers, child);
      },
      () => started.reject(new CausewayError('internal', 'a gateway worker ended at its start')),
    );
    places.push(place);
    return started.promise;
  });
  await Promise.all(first);
  const inheriting: GatewayOrders = { ...orders, inherits: true };
  const roll = (): Promise<void> =>
    restartWorkers({
      places,
      args: [JSON.stringify(inheriting)],
      started(child) {
        const started = Promise.withResolvers<void>();
        child.process.on('message', (message) => hear(message as GatewayStarted, started));
        return started.promise;
      },
      retireMs: config.workers.retireSeconds * 1_000,
      clock,
      emit,
    });
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const restart = (): Promise<void> => {
    if (running === undefined) return (running = roll().finally(() => (running = undefined)));
    return (next ??= running.then(() => {
      next = undefined;
      return restart();
    }));
  };
  return { restart };
}

/** Of a worker's start. */
export function hear(message: GatewayStarted, started: PromiseWithResolvers<void>): void {
  if (message.t === 'started') started.resolve();
  if (message.t !== 'failed') return;
  const { place, remedy } = message.error;
  started.reject(new CausewayError('config', message.error.message, { ...(place === undefined ? {} : { place }), ...(remedy === undefined ? {} : { remedy }) }));
}

export function addTo(workers: GatewayWorkers, child: Child): void {
  workers.add({
    send: createBatch<ToWorker>((batch) => void (child.process.connected && child.process.send(batch))).put,
    onMessage: (callback) => void child.process.on('message', (message) => unpack(message as Batch<FromWorker>, callback)),
    onExit: (callback) => void child.process.once('exit', callback),
  });
}
