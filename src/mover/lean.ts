/**
 * How a mover's process is to be started. What it handles are bytes that live for a moment: with V8's default young
 * generation (three times 16 MB and more) and glibc's arenas, a process that needs 100 MB took 250 (npm run bench:mover);
 * with these it takes 150 and no more CPU time.
 */
export const LEAN = { execArgv: ['--max-semi-space-size=4'], env: { MALLOC_ARENA_MAX: '1' } } as const;
