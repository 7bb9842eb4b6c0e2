import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { refusal } from '#imap/refusal.ts';
import { createThrottle, isAt, slowingOf, unansweredAt } from './throttle.ts';

const BOTH = ['old', 'new'];
const slow = (text: string, code?: string) =>
  refusal('refused', 'APPEND', { status: 'BAD', text, ...(code === undefined ? {} : { code: { name: code, tokens: [] } }) }, { place: 'imap.example:993' });

test('a platform that asks to slow down has half as many at once, after the time that it named; others are not concerned', () => {
  const clock = createManualClock();
  const throttle = createThrottle(clock, 4);
  for (let n = 0; n < 4; n += 1) expect(throttle.enter(BOTH)).toBe(0);
  expect(throttle.enter(BOTH)).toBeGreaterThan(0);
  throttle.slow('new', 299_961);
  throttle.slow('new', 299_961);
  for (let n = 0; n < 4; n += 1) throttle.leave(BOTH);
  expect(throttle.enter(BOTH)).toBe(299_961);
  expect(throttle.enter(['old', 'third'])).toBe(0);
  clock.advance(299_961);
  expect([throttle.enter(BOTH), throttle.enter(BOTH)]).toEqual([0, 0]);
  expect(throttle.enter(BOTH)).toBeGreaterThan(0);
  // A minute without such a word: one more.
  clock.advance(60_000);
  expect(throttle.enter(BOTH)).toBe(0);
  expect(throttle.enter(BOTH)).toBeGreaterThan(0);
});

test('where it names no time the pause doubles, up to a minute', () => {
  const clock = createManualClock();
  const throttle = createThrottle(clock, 4);
  const pauses = Array.from({ length: 8 }, () => {
    throttle.slow('new', undefined);
    const ms = throttle.enter(['new']);
    clock.advance(ms);
    return ms;
  });
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('a platform that did not answer twice in a row is tried by one at a time, until it answers; others are not concerned', () => {
  const clock = createManualClock();
  const throttle = createThrottle(clock, 4);
  expect([throttle.enter(BOTH), throttle.enter(BOTH)]).toEqual([0, 0]);
  throttle.unanswered('new');
  throttle.leave(BOTH);
  expect(throttle.enter(BOTH)).toBe(0);
  throttle.unanswered('new');
  for (let n = 0; n < 2; n += 1) throttle.leave(BOTH);
  expect(throttle.enter(BOTH)).toBe(10_000);
  expect(throttle.enter(['old', 'third'])).toBe(0);
  clock.advance(10_000);
  expect([throttle.enter(BOTH), throttle.enter(BOTH)]).toEqual([0, 10_000]);
  throttle.answered('new');
  expect(throttle.enter(BOTH)).toBe(0);
  const lost = new CausewayError('unavailable', 'no IMAP session within 5000 ms', { place: 'imap.example:993' });
  expect(unansweredAt(new CausewayError('unavailable', 'new does not let us in', { cause: lost }))).toBe('imap.example:993');
  expect(unansweredAt(slow('Try later'))).toBeUndefined();
});

test('what asks to slow down is told from other errors, through what wraps it', () => {
  const wrapped = (error: Error) => new CausewayError('unavailable', 'the target is busy', { cause: new Error('a pass ended', { cause: error }) });
  expect(slowingOf(wrapped(slow('Request is throttled. Suggested Backoff Time: 299961 milliseconds')))).toEqual({ namedMs: 299_961, place: 'imap.example:993' });
  expect(slowingOf(wrapped(slow('slow down', 'THROTTLED')))).toEqual({ namedMs: undefined, place: 'imap.example:993' });
  expect(slowingOf(slow('UID FETCH Rate limit hit', 'LIMIT'))).toBeDefined();
  expect(slowingOf(slow('Quota exceeded', 'OVERQUOTA'))).toBeUndefined();
  expect(slowingOf(new Error('throttled'))).toBeUndefined();
  const platform = { imap: { host: 'imap.example', port: 143 }, entrances: [{ kind: 'trusted', port: 993 }] } as unknown as Parameters<typeof isAt>[1];
  expect([isAt('imap.example:993', platform), isAt('imap.example:143', platform), isAt('other.example:993', platform), isAt(undefined, platform)]).toEqual([true, true, false, true]);
});

test('never more at once than the limit, never none for ever', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('enter' as const), platform: fc.constantFrom('a', 'b') }),
    fc.record({ kind: fc.constant('leave' as const) }),
    fc.record({ kind: fc.constant('slow' as const), platform: fc.constantFrom('a', 'b'), namedMs: fc.option(fc.nat(1e9), { nil: undefined }) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(120_000) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
      const clock = createManualClock();
      const throttle = createThrottle(clock, most);
      const inside: string[] = [];
      for (const each of steps) {
        if (each.kind === 'enter' && throttle.enter([each.platform]) === 0) inside.push(each.platform);
        if (each.kind === 'leave' && inside.length > 0) throttle.leave([inside.pop()!]);
        if (each.kind === 'slow') throttle.slow(each.platform, each.namedMs);
        if (each.kind === 'pass') clock.advance(each.ms);
        for (const platform of ['a', 'b']) expect(inside.filter((one) => one === platform).length).toBeLessThanOrEqual(most);
      }
      for (const platform of inside.splice(0)) throttle.leave([platform]);
      clock.advance(60 * 60_000);
      expect(throttle.enter(['a'])).toBe(0);
      expect(throttle.enter(['b'])).toBe(0);
    }),
  );
});
