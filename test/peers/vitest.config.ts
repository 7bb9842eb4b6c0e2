import { defineConfig } from 'vitest/config';

/** The tests with other people's programs; `test/peers/run` installs them. */
export default defineConfig({ test: { include: ['test/peers/*.peers.ts'], pool: 'forks', fileParallelism: false, testTimeout: 120_000, hookTimeout: 240_000 } });
