import { expect, test } from 'vitest';
import { judge, type Readings } from './gates.ts';
import { gateLimits } from './plan-file.ts';

const limits = gateLimits.parse({});
const clean: Readings = { falseRejections: 0, failedMoves: 0, receiptMismatches: 0, signIns: 100, unavailable: 0 };
const passed = (readings: Partial<Readings>): string[] =>
  judge({ ...clean, ...readings }, limits).filter((gate) => gate.state === 'passed').map((gate) => gate.name);

test('clean figures pass no gate', () => expect(passed({})).toEqual([]));

test('each figure pauses by itself, and all that is wrong is told', () => {
  expect(passed({ falseRejections: 1 })).toEqual(['false rejections']);
  expect(passed({ failedMoves: 1 })).toEqual(['failed moves']);
  expect(passed({ receiptMismatches: 1 })).toEqual(['receipt mismatches']);
  expect(passed({ unavailable: 3 })).toEqual(['unavailable sign-ins']);
  expect(passed({ falseRejections: 1, failedMoves: 1, receiptMismatches: 1, unavailable: 100 })).toHaveLength(4);
});

test('a share at its limit is clean; of too few sign-ins it says nothing', () => {
  expect(passed({ unavailable: 2 })).toEqual([]);
  expect(judge({ ...clean, signIns: 19, unavailable: 19 }, limits)[3]).toMatchObject({ state: 'too little data' });
});
