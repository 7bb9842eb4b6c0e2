/**
 * Text for one customer, with what is the customer's own in it.
 *
 * Invariants: pure. A fact is put in once and never read again: a name that looks like a placeholder stays a name. What
 * is not known is left out of an answer rather than told as empty.
 */
import { type Fact, MOST_TEXT } from './api.ts';

/** Of one customer's; what is absent is not known. */
export type Facts = Readonly<Partial<Record<Fact, string>>>;

/** What stands for a fact that is not known, where a sentence needs a word. */
const ELSE: Readonly<Record<Fact, string>> = { name: 'customer', address: 'your address', platform: 'your mail server', wave: 'your group', forecast: 'a time that we do not know yet', incident: 'the trouble' };

/** A macro's text. A placeholder that is none stays as it is written. */
export function fill(text: string, facts: Facts): string {
  return text.replaceAll(/\{\{([a-z]{1,20})\}\}/g, (whole, fact: string) => (fact in ELSE ? (facts[fact as Fact] ?? ELSE[fact as Fact]) : whole)).slice(0, MOST_TEXT);
}

export type Told = { readonly text: string; readonly textEs: string | undefined; readonly over: boolean };

/** An update as one customer's answer: in English, and in Spanish below where somebody wrote it. */
export function answerOf({ text, textEs, over }: Told, facts: Facts): string {
  const english = [
    `Dear ${facts.name ?? 'customer'},`,
    text,
    own('About your mailbox', [['Address', facts.address], ['Now at', facts.platform], ['Moves with', facts.wave], ['Expected', facts.forecast]]),
    ...(over ? ['With this we close your case. If something still does not work, call us or write to us, and it is opened again.'] : []),
  ];
  const spanish = textEs === undefined ? [] : [
    '---',
    `Estimado cliente${facts.name === undefined ? '' : `, ${facts.name}`}:`,
    textEs,
    own('Sobre su buzón', [['Dirección', facts.address], ['Ahora en', facts.platform], ['Se traslada con', facts.wave], ['Previsto', facts.forecast]]),
    ...(over ? ['Con esto cerramos su caso. Si algo sigue sin funcionar, llámenos o escríbanos y lo abrimos de nuevo.'] : []),
  ];
  return [...english, ...spanish].filter((part) => part !== '').join('\n\n');
}

function own(heading: string, lines: readonly (readonly [string, string | undefined])[]): string {
  const known = lines.filter(([, value]) => value !== undefined);
  return known.length === 0 ? '' : [`${heading}:`, ...known.map(([what, value]) => `- ${what}: ${value}`)].join('\n');
}
