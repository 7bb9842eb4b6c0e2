/**
 * How a mover's process is to be started. What it handles are bytes that live for a moment: with V8's default young
 * generation (three times 16 MB and more) and glibc's arenas, a process that needs 100 MB took 250 (npm run bench:mover).
 * What lives longer is little as well, and V8 lets a small heap grow to several times what lives in it before it collects:
 * for a move of 100,000 messages a tenth instead was 140 MB where the default was 215 (npm run bench:large). Memory that
 * glibc maps goes back at once when it is freed; by default it learns to keep up to 32 MB of it. From 32 KiB on it is mapped,
 * since V8's compilers take their memory in pieces of that size: in glibc's own heap they left holes of 10 MB, more in some
 * runs than in others. `gc` is for collect.ts.
 */
export const LEAN = { execArgv: ['--max-semi-space-size=2', '--heap-growing-percent=10', '--expose-gc'], env: { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '32768' } } as const;
