import { describe, expect, test } from 'vitest';
import { COMPONENTS, type Declared } from '#incident/declared/api.ts';
import { componentStates } from './component-state.ts';
import type { Facts } from './facts.ts';

const NOW = Date.UTC(2026, 10, 26, 8, 4);
const HOUR = 3_600_000;

const well: Facts = {
  at: NOW, heardAt: NOW - 4_000, incidents: [], signIns: { answered: 1_000, unavailable: 0 }, deliveries: { delivered: 200, deferred: 2 },
  moving: { planId: 1, moved: 10, accounts: 100, paused: false }, declared: [],
};
const declared = (over: Partial<Declared> = {}): Declared => ({
  id: 'a', title: 'Sign-in fails', titleEs: undefined, components: ['sign-in'], state: 'identified', impact: 'critical', public: true, planned: undefined, beganAt: NOW - HOUR, endedAt: undefined, openedBy: 'staff:ada', ...over,
});
const levels = (facts: Partial<Facts>, updatedAt: ReadonlyMap<string, number> = new Map()) =>
  Object.fromEntries(Object.entries(componentStates({ ...well, ...facts }, updatedAt)).filter(([, { level }]) => level !== 'ok').map(([component, { level }]) => [component, level]));

describe('the state of a component', () => {
  test('all is well while all that is measured is', () => expect(levels({})).toEqual({}));

  test('shows what machines see, though nobody declared anything', () => {
    const sentinel = { kind: 'sentinel', protocols: [], from: NOW } as const;
    const known = { kind: 'known-unavailable', protocols: ['imap', 'submission', 'sieve'], from: NOW } as const;
    expect(levels({ incidents: [sentinel] })).toEqual({ 'sign-in': 'degraded' });
    expect(levels({ incidents: [known] })).toEqual({ 'sign-in': 'degraded', imap: 'degraded', sending: 'degraded' });
    expect(levels({ incidents: [known], signIns: { answered: 100, unavailable: 900 } })).toEqual({ 'sign-in': 'down', imap: 'down', sending: 'down' });
    expect(levels({ signIns: { answered: 90, unavailable: 10 } })).toEqual({ 'sign-in': 'degraded' });
    expect(levels({ signIns: { answered: 9, unavailable: 10 } })).toEqual({});
    expect(levels({ deliveries: { delivered: 80, deferred: 20 } })).toEqual({ receiving: 'degraded' });
    expect(levels({ deliveries: { delivered: 2, deferred: 200 } })).toEqual({ receiving: 'down' });
    expect(levels({ moving: { ...well.moving!, paused: true } })).toEqual({ moving: 'degraded' });
  });

  test('is unknown, never well, when nothing tells of itself', () => {
    const unknown = Object.fromEntries(COMPONENTS.map((component) => [component, 'unknown']));
    expect(levels({ heardAt: NOW - 61_000 })).toEqual(unknown);
    expect(levels({ heardAt: undefined })).toEqual(unknown);
    expect(levels({ heardAt: undefined, declared: [declared()] })).toEqual({ ...unknown, 'sign-in': 'down' });
  });

  test('shows what is declared and public, and not over', () => {
    expect(levels({ declared: [declared()] })).toEqual({ 'sign-in': 'down' });
    expect(levels({ declared: [declared({ impact: 'minor', components: ['imap', 'pop3'] })] })).toEqual({ imap: 'degraded', pop3: 'degraded' });
    expect(levels({ declared: [declared({ public: false })] })).toEqual({});
    expect(levels({ declared: [declared({ state: 'resolved', endedAt: NOW - 1 })] })).toEqual({});
  });

  test('a declaration that was forgotten does not stand against what is measured; what nothing measures it does', () => {
    const forgotten = new Map([['a', NOW - 5 * HOUR]]);
    expect(levels({ declared: [declared()] }, forgotten)).toEqual({});
    expect(levels({ declared: [declared()] }, new Map([['a', NOW - 3 * HOUR]]))).toEqual({ 'sign-in': 'down' });
    expect(levels({ declared: [declared()], signIns: { answered: 3, unavailable: 0 } }, forgotten)).toEqual({ 'sign-in': 'down' });
    expect(levels({ declared: [declared()], signIns: { answered: 90, unavailable: 10 } }, forgotten)).toEqual({ 'sign-in': 'down' });
  });

  test('planned work shows in its time, by the clock, whatever anybody wrote', () => {
    const work = (from: number, until: number) => levels({ declared: [declared({ state: 'planned', components: ['webmail'], planned: { from, until } })] });
    expect(work(NOW - HOUR, NOW + HOUR)).toEqual({ webmail: 'planned' });
    expect(work(NOW + HOUR, NOW + 2 * HOUR)).toEqual({});
    expect(work(NOW - 2 * HOUR, NOW - HOUR)).toEqual({});
  });
});
