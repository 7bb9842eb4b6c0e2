import fc from 'fast-check';
import { describe, expect as expected, test } from 'vitest';
import { capacity, expect, needed, offered, TARGET, waits } from './erlang.ts';

/** By its definition, with the sums written out: exact enough for few agents. */
function byDefinition(erlangs: number, agents: number): number {
  let term = 1;
  let sum = 0;
  for (let n = 0; n < agents; n += 1) {
    sum += term;
    term = (term * erlangs) / (n + 1);
  }
  const last = (term * agents) / (agents - erlangs);
  return last / (sum + last);
}

describe('Erlang C', () => {
  // 200 calls an hour of three minutes each: the example by which call centres are taught (callcentrehelper.com, "Erlang C Formula").
  test.each([
    [11, 0.6821, 0.3896, 122.8, 0.909],
    [12, 0.4494, 0.6402, 40.4, 0.833],
    [13, 0.2853, 0.7956, 17.1, 0.769],
    [14, 0.1741, 0.8884, 7.8, 0.714],
  ])('200 calls of 180 s and %d agents', (agents, chance, serviceLevel, wait, occupancy) => {
    const traffic = { callsPerHour: 200, handlingSeconds: 180 };
    expected(offered(traffic)).toBeCloseTo(10, 10);
    expected(waits(10, agents)).toBeCloseTo(chance, 3);
    const { serviceLevel: level, waitSeconds, occupancy: busy } = expect(traffic, agents)!;
    expected(level).toBeCloseTo(serviceLevel, 3);
    expected(waitSeconds).toBeCloseTo(wait, 0);
    expected(busy).toBeCloseTo(occupancy, 3);
  });

  test('14 agents are needed for them', () => expected(needed({ callsPerHour: 200, handlingSeconds: 180 })).toBe(14));

  // M/M/1: the server is busy as often as its load. M/M/2: 2r²/(1+r).
  test.each([[0.5, 1, 0.5], [0.9, 1, 0.9], [1, 2, 1 / 3], [1.8, 2, (2 * 0.81) / 1.9]])('%d Erlangs, %d agents', (erlangs, agents, chance) => {
    expected(waits(erlangs, agents)).toBeCloseTo(chance, 12);
  });

  test('it is what its definition says', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.001, max: 0.999, noNaN: true }), (agents, load) => {
      expected(waits(agents * load, agents)).toBeCloseTo(byDefinition(agents * load, agents), 9);
    }));
  });

  const traffics = fc.record({ callsPerHour: fc.double({ min: 0.1, max: 20_000, noNaN: true }), handlingSeconds: fc.double({ min: 10, max: 3_600, noNaN: true }) });

  test('one agent more never makes it worse, one call more never better', () => {
    fc.assert(fc.property(traffics, fc.integer({ min: 1, max: 300 }), (traffic, agents) => {
      const [few, many] = [expect(traffic, agents), expect(traffic, agents + 1)];
      const more = expect({ ...traffic, callsPerHour: traffic.callsPerHour * 1.01 }, agents);
      if (few === undefined) {
        expected(more).toBeUndefined();
        return;
      }
      expected(few.serviceLevel).toBeGreaterThanOrEqual(0);
      expected(few.serviceLevel).toBeLessThanOrEqual(1);
      expected(many!.serviceLevel).toBeGreaterThanOrEqual(few.serviceLevel - 1e-12);
      expected(many!.waitSeconds).toBeLessThanOrEqual(few.waitSeconds + 1e-9);
      expected(more?.serviceLevel ?? 0).toBeLessThanOrEqual(few.serviceLevel + 1e-12);
    }));
  });

  test('what is needed keeps the promise, and one fewer does not', () => {
    fc.assert(fc.property(traffics.filter((traffic) => offered(traffic) < 200), (traffic) => {
      const agents = needed(traffic);
      expected(expect(traffic, agents)!.serviceLevel).toBeGreaterThanOrEqual(TARGET.share);
      if (agents > 0) expected(expect(traffic, agents - 1)?.serviceLevel ?? 0).toBeLessThan(TARGET.share);
    }), { numRuns: 50 });
  });

  test('the capacity is where the promise is just kept', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 150 }), fc.double({ min: 30, max: 1_200, noNaN: true }), (agents, handlingSeconds) => {
      const callsPerHour = capacity(agents, handlingSeconds);
      expected(expect({ callsPerHour, handlingSeconds }, agents)!.serviceLevel).toBeGreaterThanOrEqual(TARGET.share);
      expected(expect({ callsPerHour: callsPerHour * 1.01 + 0.01, handlingSeconds }, agents)?.serviceLevel ?? 0).toBeLessThan(TARGET.share);
    }), { numRuns: 50 });
    expected(capacity(0, 300)).toBe(0);
  });

  test('nothing asked waits for nobody; no agents answer nothing', () => {
    expected(expect({ callsPerHour: 0, handlingSeconds: 300 }, 0)).toEqual({ serviceLevel: 1, waitSeconds: 0, occupancy: 0 });
    expected(expect({ callsPerHour: 1, handlingSeconds: 300 }, 0)).toBeUndefined();
  });
});
