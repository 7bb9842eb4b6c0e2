/**
 * A mail's styles, read by the browser's parser and written anew.
 *
 * Invariants: the browser parses them where nothing is loaded: a constructed sheet has no @import (CSSOM, "replaceSync"), an
 * inline style in a document without a window fetches nothing. What is written has passed safe-css.ts, declaration by
 * declaration. Of rules, those for elements and those for widths of the frame are left: no @import, @font-face, @keyframes,
 * @property, @namespace, @layer, @container, nothing nested.
 */
import { isShown, isShownMedia } from './safe-css.ts';

export type Styles = {
  /** Of a `style` element. */
  sheet(text: string): string;
  /** Of a `style` attribute. */
  declarations(text: string): string;
  /** Colours that are attributes of an element. */
  attributes(element: HTMLElement): void;
};

/** Newsletters have up to 100 kB and 1,000 rules. */
const LONGEST = 400_000;
const MOST_RULES = 5_000;

/** @param recolour what a colour becomes in the dark */
export function createStyles(recolour: (property: string, value: string) => string = (_, value) => value): Styles {
  let rules = 0;
  const probe = document.implementation.createHTMLDocument('').createElement('p');

  function kept(style: CSSStyleDeclaration): string {
    const texts: string[] = [];
    for (const property of style) {
      const value = style.getPropertyValue(property);
      if (value === 'initial' || !isShown(property, value)) continue;
      texts.push(`${property}: ${recolour(property, value)}${style.getPropertyPriority(property) === 'important' ? ' !important' : ''}`);
    }
    return texts.join('; ');
  }

  function written(list: CSSRuleList): string {
    const texts: string[] = [];
    for (const rule of list) {
      rules += 1;
      if (rules > MOST_RULES) break;
      if (rule instanceof CSSStyleRule) {
        const text = kept(rule.style);
        if (text !== '') texts.push(`${rule.selectorText} { ${text} }`);
      } else if (rule instanceof CSSMediaRule && isShownMedia(rule.conditionText)) {
        const text = written(rule.cssRules);
        if (text !== '') texts.push(`@media ${rule.conditionText} { ${text} }`);
      }
    }
    return texts.join('\n');
  }

  return {
    declarations(text) {
      // By CSSOM, which no policy of the page refuses, as it does attributes.
      probe.style.cssText = text;
      return kept(probe.style);
    },
    sheet(text) {
      if (text.length > LONGEST) return '';
      const sheet = new CSSStyleSheet();
      // Comments of HTML, with which styles were once hidden from old browsers, are skipped by the parser (CSS Syntax 3, 4.3).
      sheet.replaceSync(text);
      return written(sheet.cssRules);
    },
    attributes(element) {
      for (const [name, property] of [['bgcolor', 'background-color'], ['color', 'color'], ['text', 'color']] as const) {
        const value = element.getAttribute(name);
        if (value === null) continue;
        element.removeAttribute(name);
        const colour = legacyColour(value);
        // Weaker than any style of the mail's own: an attribute is a hint.
        if (colour !== undefined && element.style.getPropertyValue(property) === '') element.style.setProperty(property, recolour(property, colour));
      }
    },
  };
}

/** HTML, "rules for parsing a legacy color value", as far as mails use them. */
function legacyColour(value: string): string | undefined {
  const text = value.trim();
  if (/^#?[0-9a-f]{6}$/i.test(text)) return `#${text.replace('#', '')}`;
  return /^#[0-9a-f]{3}$/i.test(text) || /^[a-z]{3,20}$/i.test(text) ? text : undefined;
}
