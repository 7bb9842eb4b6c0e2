/** What processes cost, from /proc: those given, and all that descend from them. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: 100 on every Linux of these years. */
const TICKS_PER_SECOND = 100;

type Stat = { readonly pid: number; readonly parent: number; readonly ticks: number };

/** proc_pid_stat(5). The name, field 2, may hold anything, so fields are counted from its end. */
function stat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
    const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
    // cutime and cstime: of children that ended and were waited for, so that short-lived ones are in it too.
    return { pid, parent: fields[1] ?? 0, ticks: utime + stime + cutime + cstime };
  } catch {
    return undefined; // it ended
  }
}

export function family(roots: readonly number[]): number[] {
  return relatives(roots).map(({ pid }) => pid);
}

function relatives(roots: readonly number[]): Stat[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (stat(Number(name)) ?? []) : []));
  const within = new Set(roots);
  for (let size = 0; size !== within.size; ) {
    size = within.size;
    for (const { pid, parent } of all) if (within.has(parent)) within.add(pid);
  }
  return all.filter(({ pid }) => within.has(pid));
}

/** CPU seconds that they have used since they began, user and system. */
export function cpuSeconds(roots: readonly number[]): number {
  return relatives(roots).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
}

/** Memory in KiB, shared pages divided among those that share them. */
export function proportionalKiB(roots: readonly number[]): number {
  let sum = 0;
  for (const { pid } of relatives(roots)) {
    try {
      sum += Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0);
    } catch {
      // It ended.
    }
  }
  return sum;
}

/** Seconds that all cores together have been idle since the machine began (proc_stat(5): idle and iowait). */
export function idleSeconds(): number {
  const [idle = 0, iowait = 0] = readFileSync('/proc/stat', 'latin1').split('\n')[0]!.trim().split(/\s+/).slice(4).map(Number);
  return (idle + iowait) / TICKS_PER_SECOND;
}
