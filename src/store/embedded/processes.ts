import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** The server's processes, as /proc tells of them. Every process of a PostgreSQL has its data folder as working folder. */

/** Whether `pid` runs; a zombie, whose parent does not collect it, does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Whether `pid` is a live process of the PostgreSQL with this data folder, and not another that got its number. */
export function belongsTo(pid: number, pgdata: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === pgdata && isAlive(pid);
  } catch {
    return false;
  }
}

/** All live processes of the PostgreSQL with this data folder. */
export function processesOf(pgdata: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && belongsTo(pid, pgdata) && programOf(pid) === 'postgres');
}

/** Whether `pid` is the first of a server's processes; those that it begins call themselves "postgres: ...". */
export function isPostmaster(pid: number): boolean {
  const line = told(pid, 'cmdline');
  return line !== '' && !line.startsWith('postgres: ');
}

const programOf = (pid: number): string => told(pid, 'comm').trim();

/** What /proc tells of a process; empty when it is gone. */
function told(pid: number, what: 'cmdline' | 'comm'): string {
  try {
    return readFileSync(join('/proc', String(pid), what), 'latin1');
  } catch {
    return '';
  }
}

/** What postmaster.pid says: line 1 the pid, line 5 the socket's folder. `undefined` when there is none or it is torn. */
export function readPidFile(pgdata: string): { pid: number; socketFolder: string } | undefined {
  try {
    const lines = readFileSync(join(pgdata, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    const socketFolder = lines[4] ?? '';
    return Number.isInteger(pid) && pid > 0 && socketFolder.startsWith('/') ? { pid, socketFolder } : undefined;
  } catch {
    return undefined;
  }
}
