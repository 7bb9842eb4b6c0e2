/**
 * Files of a built app, from memory: a few hundred kilobytes, read once.
 *
 * Invariants: only files that were there at the start are served, so no path leads elsewhere. What has a hash of its content
 * in its name may be kept for ever; the page itself is asked for each time, and forbids all that is not ours.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import type { Context } from 'hono';
import { CausewayError } from '#errors/index.ts';
import type { App, AppEnv } from './app.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
/** In order of preference (RFC 9110, 12.5.3), with the ending of the file that has it. */
const CODINGS = [['br', '.br'], ['gzip', '.gz']] as const;
const FOR_EVER = 'public, max-age=31536000, immutable';

type Entry = { readonly type: string; readonly plain: Uint8Array<ArrayBuffer>; readonly coded: Readonly<Partial<Record<'br' | 'gzip', Uint8Array<ArrayBuffer>>>> };

export type Site = {
  /** Undefined when nothing was built. */
  readonly file: (path: string) => Entry | undefined;
};

/** @param folder as `web/build.ts` leaves it; one that is not there is empty */
export function readSite(folder: string): Site {
  const entries = new Map<string, Entry>();
  if (existsSync(folder)) {
    for (const found of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      const path = join(found.parentPath, found.name);
      const type = TYPES[extname(found.name)];
      if (!found.isFile() || type === undefined) continue;
      const coded = Object.fromEntries(CODINGS.filter(([, ending]) => existsSync(path + ending)).map(([coding, ending]) => [coding, bytesOf(path + ending)]));
      entries.set(relative(folder, path), { type, plain: bytesOf(path), coded });
    }
  }
  return { file: (path) => entries.get(path) };
}

function bytesOf(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(path));
}

/** Adds `/assets/…`. */
export function addAssets(app: App, site: Site): void {
  app.get('/assets/:name', (c) => {
    const entry = site.file(`assets/${c.req.param('name')}`);
    if (entry === undefined) throw new CausewayError('not-found', 'there is no such file');
    return answer(c, entry, { 'Cache-Control': FOR_EVER });
  });
}

/**
 * Adds an app's page.
 * @param page within the site, for example `mail/index.html`
 * @param paths at which it is shown; the page itself finds out what is meant
 * @param policy its Content-Security-Policy
 */
export function addPage(app: App, site: Site, page: string, paths: readonly string[], policy: string): void {
  for (const path of paths) {
    app.get(path, (c) => {
      const entry = site.file(page);
      if (entry === undefined) throw new CausewayError('unavailable', 'the pages were not built', { remedy: 'Run: npm run build', customerText: 'This page is not there yet.' });
      return answer(c, entry, { 'Cache-Control': 'no-cache', 'Content-Security-Policy': policy });
    });
  }
}

function answer(c: Context<AppEnv>, { type, plain, coded }: Entry, headers: Record<string, string>): Response {
  const taken = (c.req.header('accept-encoding') ?? '').split(',').map((each) => each.trim().split(';')[0]);
  const coding = CODINGS.map(([name]) => name).find((name) => coded[name] !== undefined && taken.includes(name));
  const body = coding === undefined ? plain : coded[coding]!;
  return c.body(body, 200, { 'Content-Type': type, Vary: 'Accept-Encoding', ...headers, ...(coding === undefined ? {} : { 'Content-Encoding': coding }) });
}
