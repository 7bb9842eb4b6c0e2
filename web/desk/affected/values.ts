/** What the values of counts mean, in words. */
import type { Part } from '#desk/affected/api.ts';
import { reasonOf } from '../screen/plain.ts';

export function valueIn(part: Part, value: string): string {
  if (part === 'reason') return reasonOf({ reason: value as Parameters<typeof reasonOf>[0]['reason'] }) || 'none';
  if (part === 'wave') return value === '0' ? 'in none' : `wave ${value}`;
  if (part === 'incident') return value === 'in' ? 'an open one touches them' : 'none';
  return value === '' ? 'not known' : value;
}
