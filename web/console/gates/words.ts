import type { GateShape } from '#cutover/api.ts';
import { defineWords } from '#ui/words.ts';

const en = {
  gates: 'Gates',
  noGates: 'Nothing is judged before the first wave begins.',
  clean: 'clean',
  passed: 'passed',
  'too little data': 'too little data',
  limit: (limit: string): string => `limit ${limit}`,
  series: (name: string, worst: string, limit: string): string => `${name} over time: at most ${worst}, limit ${limit}`,
  seriesNone: (name: string): string => `${name} over time: nothing yet`,
  compare: 'Moved beside not yet moved',
  signIns: 'Sign-ins',
  unserved: 'Without a verdict',
  rejected: 'Told that the password is wrong',
  falseRejections: 'False rejections',
  moved: 'moved',
  notYet: 'not yet',
  pair: (name: string, moved: string, notYet: string): string => `${name}: ${moved} among those who have moved, ${notYet} among those who have not`,
  per: (length: string): string => `${length} a column`,
  share: 'of sign-ins',
};

export const words = defineWords({ en, es: en });

/** As people say them; the gates' own names are the plan file's. */
export const GATES: Readonly<Record<GateShape['name'], string>> = {
  'false rejections': 'False rejections',
  'failed moves': 'Failed moves',
  'receipt mismatches': 'Receipt mismatches',
  'reverse-follow lag': 'Reverse-follow lag',
  'unavailable sign-ins': 'Sign-ins without a verdict',
  'desk load': 'Load of the desk',
};
