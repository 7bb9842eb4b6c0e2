/** Who wrote, or to whom was written, as a list shows it. */
import type { Address } from '../api/types.ts';

/** A name that is there, else what stands before the @. */
export function nameOf({ name, email }: Address): string {
  const plain = name?.trim() ?? '';
  return plain === '' ? email.replace(/@.*$/, '') || email : plain;
}

/** @param isOutgoing of one's own mail the recipients are told */
export function peopleOf({ from, to }: { readonly from: readonly Address[] | null; readonly to: readonly Address[] | null }, isOutgoing: boolean): readonly Address[] {
  return (isOutgoing ? to : from) ?? [];
}

/** The letter in the circle: the first that is one. */
export function initialOf(name: string): string {
  return /\p{L}|\p{N}/u.exec(name)?.[0].toUpperCase() ?? '?';
}

/** Which of the colours: the same for the same address, always. */
export function toneOf(email: string, tones: number): number {
  let sum = 0;
  for (const character of email.toLowerCase()) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % tones;
}
