/** An incident or planned work with its updates: on the first page, and as a page of its own. */
import { html } from 'hono/html';
import { COMPONENTS } from '#incident/declared/api.ts';
import type { Level, SiteLanguage } from '../api.ts';
import { type Html, page } from './frame.ts';
import { sign } from './icons.ts';
import type { PublicIncident, SiteModel } from './model.ts';
import { iso, rangeText, shortText, whenText } from './times.ts';
import { WORDS } from './words.ts';

export const titleOf = ({ title, titleEs }: Pick<PublicIncident, 'title' | 'titleEs'>, language: SiteLanguage): string => (language === 'es' ? (titleEs ?? title) : title);

/** Its look: planned work is no trouble. */
export function levelOf({ planned, impact, endedAt }: PublicIncident): Level {
  if (endedAt !== undefined) return 'ok';
  if (planned !== undefined) return 'planned';
  return impact === 'critical' ? 'down' : 'degraded';
}

export function componentNames(components: readonly string[], language: SiteLanguage): string {
  const { components: names } = WORDS[language];
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(COMPONENTS.filter((each) => components.includes(each)).map((each) => names[each]));
}

/** @param link to its own page; undefined on that page @param shown how many updates, the latest */
export function incidentCard(incident: PublicIncident, model: SiteModel, { language, link, shown }: { language: SiteLanguage; link: string | undefined; shown: number }): Html {
  const words = WORDS[language];
  const level = levelOf(incident);
  const title = titleOf(incident, language);
  return html`<article class="incident ${level}">
<header>${sign(level)}${link === undefined ? '' : html`<h3><a href="${link}">${title}</a></h3>`}<p class="state">${words.states[incident.state]}</p></header>
<p class="touches">${words.touches}: ${componentNames(incident.components, language)}${incident.planned === undefined ? '' : html`<br><strong>${rangeText(incident.planned.from, incident.planned.until, language, model.zone)}</strong>`}</p>
<ol class="updates">${incident.updates.slice(0, shown).map(
    (update) => html`<li><p class="said"><strong>${words.states[update.state]}</strong> <time datetime="${iso(update.at)}">${shortText(update.at, language, model.zone)}</time></p>${textOf(update, language)}</li>`,
  )}</ol>
</article>`;
}

/** Paragraphs; in English, and said to be, where nobody translated it. */
function textOf({ text, textEs }: { readonly text: string; readonly textEs: string | undefined }, language: SiteLanguage): Html {
  const said = language === 'es' ? (textEs ?? text) : text;
  const foreign = language === 'es' && textEs === undefined;
  const paragraphs = said.split(/\n{2,}/);
  return html`${foreign ? html`<p class="note">${WORDS.es.untranslated}</p>` : ''}${paragraphs.map((each) => (foreign ? html`<p class="text" lang="en">${each}</p>` : html`<p class="text">${each}</p>`))}`;
}

export const incidentPath = (id: string): string => `incidents/${id}.html`;

export function incidentPage(incident: PublicIncident, model: SiteModel, language: SiteLanguage): string {
  const words = WORDS[language];
  const path = incidentPath(incident.id);
  const root = language === 'en' ? '../' : '../../';
  const title = titleOf(incident, language);
  const { planned, beganAt, endedAt } = incident;
  const ended = endedAt === undefined ? '' : html`<div><dt>${words.ended}</dt><dd>${whenText(endedAt, language, model.zone)}</dd></div>`;
  return page(
    model,
    { language, root, other: language === 'en' ? `../es/${path}` : `../../${path}`, title },
    html`<p class="back"><a href="../index.html">${words.back}</a></p>
<h1>${title}</h1>
<dl class="facts"><div><dt>${words.began}</dt><dd>${whenText(planned?.from ?? beganAt, language, model.zone)}</dd></div>${ended}</dl>
${incidentCard(incident, model, { language, link: undefined, shown: incident.updates.length })}`,
  );
}
