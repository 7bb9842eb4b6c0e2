/**
 * A process of its own: a TCP relay that delays the bytes of each way by half of the round trip, and does nothing else
 * to them; its bandwidth has no limit. Started with the port to pass on to and the round trip in ms; tells its port.
 *
 * What is under way is bounded by WINDOW a direction, as on a path whose hosts tune their buffers up to Linux's usual
 * maximum.
 */
import type { Socket } from 'node:net';
import { passOn } from './pass-on.ts';

const [to, rttMs] = process.argv.slice(2).map(Number) as [number, number];
/** tcp_rmem's usual maximum, 6 MiB: 150 MB/s at 40 ms. */
const WINDOW = 6 * 1024 * 1024;

function pass(from: Socket, onto: Socket): void {
  const waiting: { chunk: Buffer | undefined; due: number }[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const deliver = (): void => {
    timer = undefined;
    const now = performance.now();
    onto.cork();
    for (let next = waiting[0]; next !== undefined && next.due <= now; next = waiting[0]) {
      waiting.shift();
      if (next.chunk === undefined) onto.end();
      else {
        bytes -= next.chunk.length;
        onto.write(next.chunk);
      }
    }
    onto.uncork();
    if (bytes < WINDOW && !onto.writableNeedDrain) from.resume();
    if (waiting[0] !== undefined) timer = setTimeout(deliver, Math.max(1, waiting[0].due - now));
  };
  const add = (chunk: Buffer | undefined): void => {
    waiting.push({ chunk, due: performance.now() + rttMs / 2 });
    bytes += chunk?.length ?? 0;
    if (bytes >= WINDOW || onto.writableNeedDrain) from.pause();
    timer ??= setTimeout(deliver, rttMs / 2);
  };
  from.on('data', add);
  from.on('end', () => add(undefined));
  onto.on('drain', () => bytes < WINDOW && from.resume());
}

passOn(to, pass);
