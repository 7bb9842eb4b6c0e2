import { defineWords } from '#ui/words.ts';

const en = {
  title: 'Who is affected',
  lead: (accounts: string, since: string) => `${accounts} accounts that signed in or tried to since ${since}`,
  since: 'Since',
  hour: 'the last hour',
  day: 'the last day',
  week: 'the last week',
  all: 'Take all filters away',
  without: (part: string, value: string) => `Without ${part}: ${value}`,
  only: (part: string) => `Only ${part}:`,
  accounts: 'accounts',
  csv: 'As CSV',
  platform: 'Platform',
  wave: 'Wave',
  protocol: 'Protocol',
  client: 'Program',
  verdict: 'How it ended',
  out: 'Only who is out now',
  reason: 'Why not',
  incident: 'In an incident',
  list: 'These accounts',
  none: 'Nobody.',
  more: 'More',
  loading: 'Counting',
  failed: 'That did not work. Please try again.',
} as const;
export const words = defineWords({ en, es: en });
