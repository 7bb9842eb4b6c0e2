/**
 * How often a tool and its target make the disk be waited for: counted by strace in a turn of its own, which nobody times.
 *
 * Invariant: a call is counted once, however the trace is interleaved.
 */
import { existsSync, readFileSync } from 'node:fs';

/**
 * Put before a command, which stays the process that it is (-D): its calls of fsync and fdatasync, and those of all that
 * it starts, go into `file`.
 */
export function traced(file: string): string[] {
  // With the filter in the kernel only the calls that are counted cost anything.
  return ['strace', '-D', '-f', '--seccomp-bpf', '-qq', '-e', 'trace=fsync,fdatasync', '-e', 'signal=none', '-A', '-o', file];
}

/** Calls until now. */
export function fsyncsIn(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (existsSync(file) ? (readFileSync(file, 'latin1').match(/^\d+ +f(?:data)?sync\(/gm)?.length ?? 0) : 0), 0);
}
