/** The first page: how it is now, what is wrong, what is planned, the parts with their 90 days. */
import { html } from 'hono/html';
import { COMPONENTS, type Component } from '#incident/declared/api.ts';
import type { SiteLanguage } from '../api.ts';
import { bars, troubles } from './bars.ts';
import { type Html, page } from './frame.ts';
import { sign } from './icons.ts';
import { componentNames, incidentCard, incidentPath, titleOf } from './incident.ts';
import { isOpen, isPlanned, overall, type SiteModel } from './model.ts';
import { iso, rangeText, shortText, whenText } from './times.ts';
import { WORDS } from './words.ts';

/** Updates of one incident on this page; its own has all. */
const SHOWN = 3;
/** What was measured longer ago than that is said to be so: two pages were written without. */
const LATE_MS = 150_000;

export function frontPage(model: SiteModel, language: SiteLanguage): string {
  const words = WORDS[language];
  const root = language === 'en' ? '' : '../';
  return page(
    model,
    { language, root, other: language === 'en' ? 'es/index.html' : '../index.html', title: words.title },
    html`${hero(model, language)}
${list(words.openIncidents, 'open', model.incidents.filter(isOpen).map((each) => incidentCard(each, model, { language, link: incidentPath(each.id), shown: SHOWN })))}
${moving(model, language)}
${list(words.planned, 'planned', model.incidents.filter((each) => isPlanned(each, model.writtenAt)).map((each) => incidentCard(each, model, { language, link: incidentPath(each.id), shown: 1 })))}
<section aria-labelledby="parts"><h2 id="parts">${words.parts}</h2><ul class="parts">${COMPONENTS.map((component) => part(component, model, language))}</ul></section>
${follow(model, language, root)}
${past(model, language)}`,
  );
}

function hero(model: SiteModel, language: SiteLanguage): Html {
  const words = WORDS[language];
  const level = overall(model.states);
  // In large letters a name with a hyphen would be broken there.
  const names = componentNames(COMPONENTS.filter((component) => model.states[component].level === level), language).replaceAll('-', '\u2011');
  const late = model.writtenAt - model.measuredAt > LATE_MS;
  return html`<div class="hero ${level}">${sign(level)}<div><h1>${level === 'ok' ? words.allWell : words.headline[level](names)}</h1>
<p>${words.asOf} <time datetime="${iso(model.writtenAt)}">${whenText(model.writtenAt, language, model.zone)}</time></p>${late ? html`<p><strong>${words.notMeasured(whenText(model.measuredAt, language, model.zone))}</strong></p>` : ''}
${model.restoration === undefined ? '' : html`<p class="forecast">${words.restoration(rangeText(model.restoration.fromAt, model.restoration.toAt, language, model.zone))}</p>`}
<p id="stale" class="stale" role="status" hidden>${words.stale}</p><p id="newer" hidden><a href="">${words.newer}</a></p></div></div>`;
}

function list(title: string, id: string, cards: readonly Html[]): Html | '' {
  return cards.length === 0 ? '' : html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${cards}</section>`;
}

function part(component: Component, model: SiteModel, language: SiteLanguage): Html {
  const words = WORDS[language];
  const { level } = model.states[component];
  const since = level === 'ok' ? undefined : model.since[component];
  const days = model.days[component];
  return html`<li class="part ${level}"><div class="line"><h3>${words.components[component]}</h3><p class="about">${words.about[component]}</p><p class="level">${sign(level)}<span>${words.levels[level]}</span></p>${since === undefined ? '' : html`<p class="since">${words.since(shortText(since, language, model.zone))}</p>`}</div>
${bars(days, language)}<p class="scale"><span>${words.ago}</span><span>${words.today}</span></p>${troubles(days, language)}</li>`;
}

function moving({ moving: at, zone }: SiteModel, language: SiteLanguage): Html | '' {
  if (at === undefined) return '';
  const words = WORDS[language];
  const number = new Intl.NumberFormat(language);
  return html`<section aria-labelledby="moving" class="moving"><h2 id="moving">${words.moving}</h2>
<p>${words.moved(number.format(at.moved), number.format(at.accounts))}</p><progress aria-labelledby="moving" max="${at.accounts}" value="${at.moved}"></progress>
${at.paused ? html`<p>${words.paused}</p>` : ''}${at.forecast === undefined ? '' : html`<p class="forecast">${words.forecast(rangeText(at.forecast.fromAt, at.forecast.toAt, language, zone))}</p><p class="note">${words.forecastMade(shortText(at.forecast.madeAt, language, zone))}</p>`}</section>`;
}

function follow({ links }: SiteModel, language: SiteLanguage, root: string): Html {
  const words = WORDS[language];
  const { app, letters, webmail } = links;
  const query = language === 'en' ? '' : '?language=es';
  const mine = app === undefined && webmail === undefined ? '' : html`<section aria-labelledby="mine"><h2 id="mine">${words.mine}</h2><p>${words.mineHint}</p><ul class="ways">${app === undefined ? '' : html`<li><a href="${app}/mine${query}">${words.mineCode}</a></li>`}${webmail === undefined ? '' : html`<li><a href="${webmail}">${words.mineSignIn}</a></li>`}</ul></section>`;
  return html`${mine}<section aria-labelledby="follow"><h2 id="follow">${words.follow}</h2><ul class="ways">${letters === undefined ? '' : html`<li><a href="${letters}${query}">${words.byMail}</a><span>${words.byMailHint}</span></li>`}<li><a href="atom.xml">${words.feed}</a><span>${words.feedHint}</span></li><li><a href="${root}status.json">${words.machine}</a><span>${words.machineHint}</span></li></ul></section>`;
}

function past({ incidents, zone }: SiteModel, language: SiteLanguage): Html {
  const words = WORDS[language];
  const over = incidents.filter(({ endedAt }) => endedAt !== undefined);
  return html`<section aria-labelledby="past"><h2 id="past">${words.past}</h2>${over.length === 0 ? html`<p>${words.nonePast}</p>` : html`<ul class="past">${over.map((each) => html`<li><a href="${incidentPath(each.id)}">${titleOf(each, language)}</a><span>${rangeText(each.beganAt, Math.max(each.beganAt, each.endedAt!), language, zone)}</span></li>`)}</ul>`}</section>`;
}
