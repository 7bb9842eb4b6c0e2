/**
 * Languages. Each area keeps its words beside its components, in all languages at once, so that none is forgotten: the
 * type of `en` is what the others must have. What varies with a number is a function.
 */
import { useSyncExternalStore } from 'react';
import { createListeners } from './listeners.ts';

export const LANGUAGES = { en: 'English', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;

type Widened<T> = { readonly [K in keyof T]: T[K] extends string ? string : T[K] };

export type Words<T> = { readonly en: T } & { readonly [L in Exclude<Language, 'en'>]: Widened<T> };

/** Checks that all languages have the same words. */
export function defineWords<const T extends Readonly<Record<string, string | ((...given: never[]) => string)>>>(words: Words<T>): Words<T> {
  return words;
}

const KEPT = 'language';
const listeners = createListeners();
let language: Language = first();

function first(): Language {
  if (typeof document === 'undefined') return 'en';
  const wished = [localStorage.getItem(KEPT), ...navigator.languages].map((each) => each?.slice(0, 2));
  return wished.find((each): each is Language => each !== undefined && each in LANGUAGES) ?? 'en';
}

export const getLanguage = (): Language => language;

export function setLanguage(next: Language): void {
  language = next;
  localStorage.setItem(KEPT, next);
  document.documentElement.lang = next;
  listeners.tell();
}

export function useLanguage(): Language {
  return useSyncExternalStore(listeners.subscribe, getLanguage);
}

/** The words of an area in the language of the page. */
export function useWords<T>(words: Words<T>): Widened<T> {
  return words[useLanguage()] as Widened<T>;
}

/** The same outside of components. */
export function say<T>(words: Words<T>): Widened<T> {
  return words[language] as Widened<T>;
}

/** Of each language, once: to make one takes longer than to write a page of numbers. */
const numbers = new Map<Language, Intl.NumberFormat>();

/** A number as the language writes it. */
export function number(value: number): string {
  const format = numbers.get(language) ?? new Intl.NumberFormat(language);
  numbers.set(language, format);
  return format.format(value);
}
