import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { COMPONENTS } from '#incident/declared/api.ts';
import { LEVELS, statusSchema } from '../api.ts';
import { componentStates } from '../state/component-state.ts';
import { daysOf } from '../state/history.ts';
import { createSiteWriter } from '../write-site.ts';
import { lookOf, readAssets, siteFiles } from './files.ts';
import type { PublicIncident, SiteModel } from './model.ts';

const NOW = Date.UTC(2026, 10, 26, 8, 4);
const assets = readAssets(resolve(import.meta.dirname, '../../../web'));
const NASTY = `"><script>alert(1)</script>&lt; ]]> ' \u2028 {n}`;

function model(over: Partial<SiteModel> = {}): SiteModel {
  const facts = { at: NOW, heardAt: NOW, incidents: [], signIns: { answered: 0, unavailable: 0 }, deliveries: { delivered: 0, deferred: 0 }, moving: undefined, declared: [] };
  return {
    provider: 'Ribera', zone: 'UTC', writtenAt: NOW, measuredAt: NOW, states: componentStates(facts, new Map()), since: {},
    days: Object.fromEntries(COMPONENTS.map((component) => [component, daysOf([], component, NOW, 'UTC')])) as never,
    incidents: [], moving: undefined, restoration: undefined, links: { site: 'https://status.example', app: undefined, letters: undefined, webmail: undefined }, ...over,
  };
}
const incident = (over: Partial<PublicIncident> = {}): PublicIncident => ({
  id: '00000000-0000-4000-8000-000000000001', title: 'Sign-in fails', titleEs: undefined, components: ['sign-in'], state: 'identified', impact: 'major', public: true, planned: undefined, beganAt: NOW, endedAt: undefined, openedBy: 'staff:ada',
  updates: [{ id: 2, incidentId: 'x', at: NOW, state: 'identified', text: 'Found.', textEs: undefined, by: 'staff:ada' }], ...over,
});

describe('the site', () => {
  test('what people wrote is text in every file, and who wrote it is in none', () => {
    const files = siteFiles(model({ provider: NASTY, incidents: [incident({ title: NASTY, titleEs: NASTY, updates: [{ ...incident().updates[0]!, text: NASTY, textEs: NASTY }] })] }), assets);
    for (const [path, text] of files) {
      if (path.endsWith('.html') || path.endsWith('.xml')) expect([path, text.includes('<script>alert')]).toEqual([path, false]);
      expect([path, text.includes('staff:ada')]).toEqual([path, false]);
    }
    expect(JSON.parse(files.get('status.json')!)).toMatchObject({ incidents: [{ title: NASTY }] });
  });

  test('status.json is as it is described, with and without everything', () => {
    const range = { fromAt: NOW, toAt: NOW + 1, madeAt: NOW };
    for (const each of [model(), model({ incidents: [incident(), incident({ planned: { from: NOW, until: NOW + 1 }, state: 'planned' })], moving: { planId: 1, moved: 1, accounts: 2, paused: true, forecast: range }, restoration: range })]) {
      expect(statusSchema.strict().safeParse(JSON.parse(siteFiles(each, assets).get('status.json')!)).error).toBeUndefined();
    }
  });

  test('says what it cannot know, and what nobody translated', () => {
    const late = siteFiles(model({ measuredAt: NOW - 3_600_000, incidents: [incident()] }), assets);
    expect(late.get('index.html')).toContain('Nothing could be measured since 26 November 2026 at 07:04 UTC.');
    expect(late.get('es/index.html')).toContain('Texto disponible solo en inglés.');
    expect(late.get('es/index.html')).toContain('<p class="text" lang="en">Found.</p>');
    expect(siteFiles(model(), assets).get('index.html')).not.toContain('Nothing could be measured');
  });

  test('every link and file that a page names is there', () => {
    const files = siteFiles(model({ incidents: [incident(), incident({ id: '00000000-0000-4000-8000-000000000002', state: 'resolved', endedAt: NOW })] }), assets);
    for (const [path, text] of files) {
      if (!path.endsWith('.html')) continue;
      for (const [, href] of text.matchAll(/(?:href|src)="([^"#]+)"/g)) {
        const target = new URL(href!, `http://x/${path}`);
        expect([path, href, files.has(target.pathname.slice(1))]).toEqual([path, href, true]);
      }
    }
  });

  test('dark is the system’s wish; without a dark there would be none', () => {
    expect(assets.css).toMatch(/@media \(prefers-color-scheme: dark\) \{\n:root \{[^}]*--ground: #0f1719/);
    expect(assets.css).not.toMatch(/data-theme|@import/);
    for (const level of LEVELS) expect(assets.css).toContain(`.${level} { --tone:`);
    expect(() => lookOf(':root {}', '', '')).toThrow();
  });
});

describe('writing it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-site-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('only what changed is written; what a dead writer left goes, what is somebody else’s stays', async () => {
    writeFileSync(join(folder, '.index.html.new-7'), 'half');
    writeFileSync(join(folder, '.index.html.new-8'), 'of another writer');
    writeFileSync(join(folder, 'robots.txt'), 'theirs');
    const writer = createSiteWriter(folder, '7');
    await writer.write(new Map([['index.html', 'one'], ['es/index.html', 'uno']]));
    const inode = (path: string): number => statSync(join(folder, path)).ino;
    const before = [inode('index.html'), inode('es/index.html')];
    await writer.write(new Map([['index.html', 'two'], ['es/index.html', 'uno']]));
    expect([inode('index.html') === before[0], inode('es/index.html') === before[1]]).toEqual([false, true]);
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('two');
    expect(readdirSync(folder).toSorted()).toEqual(['.index.html.new-8', 'es', 'index.html', 'robots.txt']);
    expect(statSync(join(folder, 'index.html')).mode & 0o777).toBe(0o644);
  });
});
