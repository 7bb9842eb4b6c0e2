import { defineConfig } from 'vitest/config';

const files = (...names: string[]): string[] => names.map((name) => `test/${name}.test.ts`);
/** Scenarios in which customers' patience is judged, or which keep both cores busy: two of them at once took as long as one after the other. */
const ALONE = files('faults', 'kill', 'story', 'two-instances');

/** One group after the other. */
export default defineConfig({
  test: {
    pool: 'forks',
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/seed.ts'],
    testTimeout: 30_000,
    // What a scenario started is ended in seconds each, and in a minute and more on half a core.
    hookTimeout: 240_000,
    // What is waited for comes in milliseconds; a second, which is what a wait without a time of its own has, a busy machine may stand still.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      // Of a test file's time most was a process of its own and the modules it loads: 130 files took 204 s of CPU with, and 76 without.
      { extends: true, test: { name: 'units', include: ['src/**/*.test.ts', 'web/**/*.test.ts'], isolate: false, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'scenarios', include: ['test/**/*.test.ts'], exclude: ALONE, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
