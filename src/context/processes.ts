/**
 * Knowing processes by pid and start time, so that a recycled pid is never taken for an old acquaintance.
 */
import { readFileSync } from 'node:fs';
import type { Clock } from '#events/clock.ts';

export type ProcessId = { readonly pid: number; /** Clock ticks since boot: field 22 of /proc/PID/stat. */ readonly startTime: string };

/** @returns undefined when no such process lives (a zombie does not) */
export function identify(pid: number): ProcessId | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may hold blanks and parentheses itself: fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return { pid, startTime: fields[19]! };
  } catch {
    return undefined;
  }
}

export function isAlive(known: ProcessId): boolean {
  return identify(known.pid)?.startTime === known.startTime;
}

/** How long a killed process may take to be gone: the kernel closes its sockets and frees its memory first. */
const GONE_MS = 5_000;

/** What those may still take that have lost their parent: a gateway worker's farewell is a second, and it says no more. */
const FAREWELL_MS = 1_200;

/**
 * Waits until each is gone: by itself, since it is saying goodbye to its clients, and if it does not go, killed.
 * @returns those that would not go
 */
export async function endLeftovers(known: readonly ProcessId[], clock: Clock): Promise<ProcessId[]> {
  const left = await wait(known.filter(isAlive), FAREWELL_MS, clock);
  for (const each of left) kill(each.pid);
  return wait(left, GONE_MS, clock);
}

async function wait(known: readonly ProcessId[], ms: number, clock: Clock): Promise<ProcessId[]> {
  const deadline = clock.monotonic() + ms;
  let left = [...known];
  while (left.length > 0 && clock.monotonic() < deadline) {
    await clock.sleep(20);
    left = left.filter(isAlive);
  }
  return left;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went by itself in between.
  }
}
