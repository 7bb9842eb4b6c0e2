/** A macro's text in parts: what is said as it stands, and what becomes the customer's own. Joined they are the text. */
import { type Fact, FACTS } from '#desk/cases/api.ts';

export type MacroPart = { readonly text: string; readonly fact: Fact | undefined };

export function partsOf(text: string): MacroPart[] {
  return text.split(/(\{\{[a-z]{1,20}\}\})/).filter((part) => part !== '').map((part) => ({ text: part, fact: FACTS.find((fact) => part === `{{${fact}}}`) }));
}
