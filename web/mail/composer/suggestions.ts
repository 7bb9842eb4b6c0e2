/**
 * Whom a person may mean by the letters typed.
 *
 * Invariant: what is offered has each of the typed words at the beginning of a word of a name or address.
 */
import type { Address } from '../api/types.ts';
import { addressKey } from './recipients.ts';

/** @param weight higher comes first among equals */
export type Known = Address & { readonly weight: number };

/** What a person looks through at a glance. */
const SHOWN = 8;

export function suggest(typed: string, known: readonly Known[], taken: readonly Address[]): readonly Known[] {
  const words = plain(typed).split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [];
  const there = new Set(taken.map(addressKey));
  const found: { readonly one: Known; readonly rank: number }[] = [];
  for (const one of known) {
    const rank = rankOf(one, words);
    if (rank > 0 && !there.has(addressKey(one))) found.push({ one, rank });
  }
  const best = new Map<string, Known>();
  for (const { one } of found.sort((a, b) => b.rank - a.rank || b.one.weight - a.one.weight)) {
    const key = addressKey(one);
    if (!best.has(key)) best.set(key, one);
    if (best.size === SHOWN) break;
  }
  return [...best.values()];
}

/** 0: no. A name that begins so is meant more often than a domain. */
function rankOf({ name, email }: Known, words: readonly string[]): number {
  const inName = plain(name ?? '');
  const address = plain(email);
  const starts = (text: string, word: string): boolean => text.startsWith(word) || new RegExp(`[\\s.,'"@_+()-]${word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`).test(text);
  if (!words.every((word) => starts(inName, word) || starts(address, word))) return 0;
  const [first = ''] = words;
  return inName.startsWith(first) || address.startsWith(first) ? 2 : 1;
}

/** Letters' case and accents aside: `jose` finds José. */
function plain(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}
