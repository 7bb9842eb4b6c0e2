/** One build of all apps; each has a page of its own. Paths of files hold a hash of their content, so browsers may keep them. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vite';

const here = import.meta.dirname;
/** Each folder with a page is an app. */
const APPS = readdirSync(here).filter((name) => name !== 'dist' && existsSync(join(here, name, 'index.html')));

export default defineConfig({
  root: here,
  appType: 'mpa',
  build: {
    outDir: join(here, 'dist'),
    emptyOutDir: true,
    target: 'es2022',
    // A page whose policy forbids data: in scripts and styles; small files cost a request once.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: Object.fromEntries(APPS.map((app) => [app, join(here, app, 'index.html')])),
      // Libraries mark what runs in a browser for frameworks that render on a server: nothing here does.
      onLog: (level, log, handle) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && handle(level, log),
    },
  },
});
