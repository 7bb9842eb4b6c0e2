/**
 * The feed (RFC 4287): one entry an update, planned work too.
 *
 * Invariants: an entry's id never changes, so a reader shows each once. Everything is text, escaped; characters that XML
 * cannot hold (1.0, 2.2) are not there, since what is declared has none (declared/api.ts).
 */
import type { SiteLanguage } from '../api.ts';
import { incidentPath, titleOf } from './incident.ts';
import type { SiteModel } from './model.ts';
import { iso } from './times.ts';
import { WORDS } from './words.ts';

/** A reader asks every hour or so; a bad day has fewer. */
const ENTRIES = 100;

export function atomFeed(model: SiteModel, language: SiteLanguage): string {
  const words = WORDS[language];
  const { provider, incidents, links, writtenAt } = model;
  const folder = `${links.site ?? ''}/${language === 'en' ? '' : 'es/'}`;
  const updates = incidents.flatMap((incident) => incident.updates.map((update) => ({ incident, update }))).toSorted((a, b) => b.update.id - a.update.id);
  const entries = updates.slice(0, ENTRIES).map(
    ({ incident, update }) => `<entry>
<id>urn:causeway:update:${incident.id}:${update.id}</id>
<title>${escape(`${titleOf(incident, language)}: ${words.states[update.state]}`)}</title>
<updated>${iso(update.at)}</updated>
<link rel="alternate" type="text/html" href="${escape(`${folder}${incidentPath(incident.id)}`)}"/>
${incident.components.map((component) => `<category term="${component}" label="${escape(words.components[component])}"/>`).join('')}
<content type="text">${escape(language === 'es' ? (update.textEs ?? update.text) : update.text)}</content>
</entry>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${language}">
<id>urn:causeway:status:${language}:${escape(encodeURIComponent(provider))}</id>
<title>${escape(`${provider}: ${words.title}`)}</title>
<updated>${iso(updates[0]?.update.at ?? writtenAt)}</updated>
<author><name>${escape(provider)}</name></author>
<link rel="self" type="application/atom+xml" href="${escape(`${folder}atom.xml`)}"/>
<link rel="alternate" type="text/html" href="${escape(`${folder}index.html`)}"/>
${entries.join('\n')}
</feed>
`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.toWellFormed().replaceAll(/[&<>"]/g, (character) => ENTITIES[character]!);
