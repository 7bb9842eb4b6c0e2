/**
 * A process of its own: a TCP relay that lets each way of each connection have so many bytes a second, and nothing while
 * it rests, and does nothing else to them. Started with the port to pass on to, the rate and how long of each 15 s it
 * rests; tells its port.
 */
import type { Socket } from 'node:net';
import { passOn } from '../mover/pass-on.ts';

const [to, bytesPerSecond, restMs] = process.argv.slice(2).map(Number) as [number, number, number];
const EACH_MS = 15_000;
const began = performance.now();

/** How long it still rests. */
function restLeft(): number {
  const at = (performance.now() - began) % EACH_MS;
  return at < EACH_MS - restMs ? 0 : EACH_MS - at;
}

function pass(from: Socket, onto: Socket): void {
  let free = performance.now();
  from.on('data', (chunk: Buffer) => {
    from.pause();
    free = Math.max(free, performance.now() + restLeft()) + (chunk.length / bytesPerSecond) * 1_000;
    setTimeout(() => (onto.write(chunk) ? from.resume() : onto.once('drain', () => from.resume())), Math.max(0, free - performance.now()));
  });
  from.on('end', () => onto.end());
}

passOn(to, pass);
