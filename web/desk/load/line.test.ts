import { expect, test } from 'vitest';
import { lineOf } from './line.ts';

test('what the shift can carry', () => {
  expect(lineOf({ agents: 70, share: 0.5, callsPerHour: 500 })).toBe('calm');
  expect(lineOf({ agents: 70, share: 0.9, callsPerHour: 900 })).toBe('near');
  expect(lineOf({ agents: 70, share: 1.2, callsPerHour: 1200 })).toBe('over');
});
test('calls with nobody there are too many', () => {
  expect(lineOf({ agents: 0, share: 0, callsPerHour: 3 })).toBe('over');
  expect(lineOf({ agents: 0, share: 0, callsPerHour: 0 })).toBe('nobody');
});
