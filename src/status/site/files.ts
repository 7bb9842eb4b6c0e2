/** The site as files: paths and what stands in them. The first pages are last, so that what they name is there before them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SITE_LANGUAGES } from '../api.ts';
import { atomFeed } from './atom.ts';
import { frontPage } from './front.ts';
import { incidentPage, incidentPath } from './incident.ts';
import { statusJson } from './json.ts';
import type { SiteModel } from './model.ts';

export type SiteFiles = ReadonlyMap<string, string>;

/** What does not change while we run: looks and the script. */
export type Assets = { readonly css: string; readonly script: string; readonly mark: string };

/** @param web the checkout's `web` */
export function readAssets(web: string): Assets {
  const read = (...path: string[]): string => readFileSync(join(web, ...path), 'utf8');
  return { css: lookOf(read('ui', 'tokens.css'), read('ui', 'base.css'), read('status', 'status.css')), script: read('status', 'age.js'), mark: read('ui', 'mark.svg') };
}

/** One file of the apps' look and ours. Their dark is set by a script; here the system's own wish is asked. */
export function lookOf(tokens: string, base: string, own: string): string {
  const dark = /:root\[data-theme='dark'\] (\{[^}]*\})/.exec(tokens);
  if (dark === null) throw new Error('tokens.css has no dark theme');
  return [
    tokens.replace(dark[0], `@media (prefers-color-scheme: dark) {\n:root ${dark[1]!}\n}`),
    base.replace(/@import [^;]*;\n?/, ''),
    own,
  ].join('\n');
}

export function siteFiles(model: SiteModel, { css, script, mark }: Assets): SiteFiles {
  const files = new Map<string, string>([
    ['status.css', css],
    ['age.js', script],
    ['mark.svg', mark],
  ]);
  const folders = SITE_LANGUAGES.map((language) => [language, language === 'en' ? '' : `${language}/`] as const);
  for (const incident of model.incidents) for (const [language, folder] of folders) files.set(`${folder}${incidentPath(incident.id)}`, incidentPage(incident, model, language));
  for (const [language, folder] of folders) files.set(`${folder}atom.xml`, atomFeed(model, language));
  for (const [language, folder] of folders) files.set(`${folder}index.html`, frontPage(model, language));
  files.set('status.json', `${JSON.stringify(statusJson(model))}\n`);
  return files;
}
