/** What stands in the letters, in both languages. */
import type { SiteLanguage } from '../api.ts';
import { componentNames } from '../site/incident.ts';
import { rangeText, whenText } from '../site/times.ts';
import { WORDS } from '../site/words.ts';
import type { News } from './deliveries.ts';

type Says = { readonly subject: string; readonly text: string };

/** @param site where the incident's page is; undefined: nowhere public */
export function newsLetter(news: News, { provider, zone, site, unsubscribe }: { provider: string; zone: string; site: string | undefined; unsubscribe: string }, language: SiteLanguage): Says {
  const words = WORDS[language];
  const { titleEs, textEs, plannedFrom, plannedUntil } = news;
  const title = language === 'es' ? (titleEs ?? news.title) : news.title;
  const text = language === 'es' ? (textEs ?? news.text) : news.text;
  const planned = plannedFrom === null || plannedUntil === null ? [] : [`${words.planned}: ${rangeText(plannedFrom.getTime(), plannedUntil.getTime(), language, zone)}`];
  const foot = {
    en: `You get this because you asked ${provider} for updates on its mail service. To end it: ${unsubscribe}`,
    es: `Recibe este mensaje porque pidió a ${provider} avisos sobre su servicio de correo. Para dejar de recibirlos: ${unsubscribe}`,
  };
  const lines = [
    `${words.states[news.state]}: ${title}`,
    [`${words.touches}: ${componentNames(news.components, language)}`, ...planned, whenText(news.at.getTime(), language, zone)].join('\n'),
    ...(language === 'es' && textEs === null ? [words.untranslated] : []),
    text,
    ...(site === undefined ? [] : [`${site}/${language === 'en' ? '' : 'es/'}incidents/${news.incidentId}.html`]),
    `-- \n${foot[language]}`,
  ];
  return { subject: `[${provider}] ${title}: ${words.states[news.state]}`, text: `${lines.join('\n\n')}\n` };
}

export function confirmLetter({ provider, link }: { provider: string; link: string }, language: SiteLanguage): Says {
  return {
    en: {
      subject: `Confirm: updates on the mail service of ${provider}`,
      text: `Somebody, most likely you, asked that updates on the mail service of ${provider} be sent to this address.\n\nTo get them, open this page and confirm. The link works for two days:\n\n${link}\n\nIf it was not you, do nothing: nothing more is sent.\n`,
    },
    es: {
      subject: `Confirme: avisos sobre el servicio de correo de ${provider}`,
      text: `Alguien, probablemente usted, pidió que se enviaran a esta dirección los avisos sobre el servicio de correo de ${provider}.\n\nPara recibirlos, abra esta página y confirme. El enlace sirve durante dos días:\n\n${link}\n\nSi no fue usted, no haga nada: no se enviará nada más.\n`,
    },
  }[language];
}
