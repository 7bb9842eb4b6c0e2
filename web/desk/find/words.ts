import { defineWords } from '#ui/words.ts';

const en = {
  find: 'Find a caller',
  placeholder: 'Name, address, phone or customer number',
  clear: 'Empty the box',
  failed: 'The search did not work. Please try again.',
  found: 'Callers found',
  nobody: 'Nobody is found. Fewer letters, or the customer number from a bill?',
  count: (total: number, shown: number) => (total > shown ? `${shown} of ${total.toLocaleString('en')}: one more letter makes them fewer` : total === 1 ? 'One is found' : `${total} are found`),
} as const;
/** What somebody was found by. */
export const BY = { 'login name': 'signs in as', recipient: 'also gets mail as', phone: 'phone', 'customer number': 'customer' } as const;

export const words = defineWords({ en, es: en });
