/**
 * The pages beside the site, which need us: forms and what they are answered with. No scripts.
 *
 * Invariant: whatever comes from outside is escaped by `html`. What was wrong stands before the form, is announced, and its
 * field is marked; what was typed comes back.
 */
import { html } from 'hono/html';
import { COMPONENTS, type Component } from '#incident/declared/api.ts';
import type { Level, SiteLanguage } from '../api.ts';
import type { Html } from '../site/frame.ts';
import { WORDS } from '../site/words.ts';
import { FORM_WORDS } from './words.ts';

export type Message = { readonly title: string; readonly text: string };

export type FormPage = { readonly provider: string; readonly language: SiteLanguage; readonly title: string; /** The same page in the other language. */ readonly other: string | undefined };

export function formPage({ provider, language, title, other }: FormPage, content: Html): Html {
  const words = WORDS[language];
  const folder = language === 'en' ? '/' : '/es/';
  const otherLanguage = language === 'en' ? 'es' : 'en';
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · ${provider}</title>
<link rel="icon" href="/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/status.css">
</head>
<body>
<header class="top">
<a class="brand" href="${folder}"><img src="/mark.svg" alt="" width="28" height="28"><span>${provider}</span><span class="what">${words.title}</span></a>
${other === undefined ? '' : html`<a class="language" href="${other}" lang="${otherLanguage}" hreflang="${otherLanguage}">${words.otherLanguage}</a>`}
</header>
<main>
<p class="back"><a href="${folder}">${words.back}</a></p>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
}

export function told({ title, text }: Message, level: Level): Html {
  return html`<div class="told ${level}" id="told" role="${level === 'ok' ? 'status' : 'alert'}"><h2>${title}</h2><p>${text}</p></div>`;
}

type Typed = { readonly token: string; readonly message: Message | undefined };

const hidden = (token: string, language: SiteLanguage): Html => html`<input type="hidden" name="form" value="${token}"><input type="hidden" name="language" value="${language}">`;

export function subscribeForm({ token, message, address, components, language }: Typed & { readonly address: string; readonly components: readonly string[]; readonly language: SiteLanguage }): Html {
  const words = FORM_WORDS[language];
  const wrong = message === words.noAddress;
  return html`<p>${words.subscribeText}</p>
${message === undefined ? '' : told(message, 'down')}
<form method="post" action="/subscribe">${hidden(token, language)}
<div class="field"><label for="address">${words.address}</label><p class="hint" id="address-hint">${words.addressHint}</p>
<input id="address" name="address" type="email" autocomplete="email" autocapitalize="none" spellcheck="false" maxlength="254" required value="${address}" aria-describedby="address-hint${wrong ? ' told' : ''}"${wrong ? html` aria-invalid="true"` : ''}></div>
<fieldset><legend>${words.which}</legend><p class="hint">${words.whichHint}</p>${COMPONENTS.map((component) => html`<label><input type="checkbox" name="component" value="${component}"${components.includes(component) ? html` checked` : ''}>${WORDS[language].components[component]}</label>`)}</fieldset>
<button type="submit">${words.ask}</button>
</form>`;
}

/** One button: what a link leads to is not done by looking at it. */
export function buttonForm({ token, language, action, label }: { token: string; language: SiteLanguage; action: string; label: string }): Html {
  return html`<form method="post" action="${action}">${hidden(token, language)}<button type="submit">${label}</button></form>`;
}

export function codeForm({ token, message, code, language }: Typed & { readonly code: string; readonly language: SiteLanguage }): Html {
  const words = FORM_WORDS[language];
  return html`<p>${words.mineText}</p>
${message === undefined ? '' : told(message, 'down')}
<form method="post" action="/mine">${hidden(token, language)}
<div class="field"><label for="code">${words.code}</label><p class="hint" id="code-hint">${words.codeHint}</p>
<input id="code" name="code" class="code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="40" required value="${code}" aria-describedby="code-hint${message === undefined ? '' : ' told'}"${message === undefined ? '' : html` aria-invalid="true"`}></div>
<button type="submit">${words.show}</button>
</form>`;
}

export const componentsIn = (given: readonly string[]): Component[] => COMPONENTS.filter((component) => given.includes(component));
