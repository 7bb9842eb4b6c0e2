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

/** Kills each that is still alive and waits until it is gone. @returns those that would not go */
export async function endLeftovers(known: readonly ProcessId[], clock: Clock): Promise<ProcessId[]> {
  for (const each of known) if (isAlive(each)) kill(each.pid);
  const deadline = clock.monotonic() + GONE_MS;
  let left = known.filter(isAlive);
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
