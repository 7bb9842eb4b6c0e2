import { defineConfig } from 'vitest/config';

/** What needs Debian's Chromium; `test/browser/run` installs it. Once more where a page was quicker or slower than its scenario: that is told. */
export default defineConfig({ test: { include: ['test/browser/*.browser.ts'], pool: 'forks', maxWorkers: 2, retry: 2, testTimeout: 400_000, hookTimeout: 300_000, expect: { poll: { timeout: 90_000 } }, globalSetup: ['test/global-setup.ts'] } });
