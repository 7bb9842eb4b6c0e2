/**
 * What all pages of the site have.
 *
 * Invariants: a page needs no script: it says in words when it was written. What comes from people is escaped by `html`.
 * All links between files are relative, so that the folder may lie anywhere.
 */
import { html } from 'hono/html';
import type { SiteLanguage } from '../api.ts';
import type { SiteModel } from './model.ts';
import { iso, whenText } from './times.ts';
import { WORDS } from './words.ts';

export type Html = ReturnType<typeof html>;

/** Also for servers that set no headers. `connect-src`: the script looks whether there is a newer page. */
export const SITE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'";

export type PageOptions = {
  readonly language: SiteLanguage;
  /** From the page to the folder's root: ``, `../`. */
  readonly root: string;
  /** The same page in the other language, from this one. */
  readonly other: string;
  readonly title: string;
};

export function page(model: SiteModel, { language, root, other, title }: PageOptions, content: Html): string {
  const words = WORDS[language];
  const otherLanguage: SiteLanguage = language === 'en' ? 'es' : 'en';
  const { ages } = words;
  return `${html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${SITE_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#f6f4ee" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0f1719" media="(prefers-color-scheme: dark)">
<title>${title} · ${model.provider}</title>
<link rel="icon" href="${root}mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="${root}status.css">
<link rel="alternate" type="application/atom+xml" title="${model.provider}" href="${root}${language === 'en' ? '' : 'es/'}atom.xml">
<link rel="alternate" hreflang="${otherLanguage}" href="${other}">
<script src="${root}age.js" defer></script>
</head>
<body>
<a class="skip" href="#status">${words.skip}</a>
<header class="top">
<a class="brand" href="${root}${language === 'en' ? '' : 'es/'}index.html"><img src="${root}mark.svg" alt="" width="28" height="28"><span>${model.provider}</span><span class="what">${words.title}</span></a>
<a class="language" href="${other}" lang="${otherLanguage}" hreflang="${otherLanguage}">${words.otherLanguage}</a>
</header>
<main id="status" tabindex="-1">
${content}
</main>
<footer>
<p id="age" class="age" data-json="${root}status.json" data-now="${ages.now}" data-minute="${ages.minute}" data-minutes="${ages.minutes}" data-hour="${ages.hour}" data-hours="${ages.hours}" data-days="${ages.days}">${words.asOf} <time id="written" datetime="${iso(model.writtenAt)}">${whenText(model.writtenAt, language, model.zone)}</time><span id="relative"></span>. ${words.age}</p>
<p>${words.how}</p>
</footer>
</body>
</html>
`}`;
}
