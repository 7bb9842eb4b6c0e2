import { expect, test } from 'vitest';
import { judge, type Readings } from './gates.ts';
import { gateLimits } from './plan-file.ts';

const limits = gateLimits.parse({});
const clean: Readings = { falseRejections: 0, failedMoves: 0, receiptMismatches: 0, followLagSeconds: 900, signIns: 100, unavailable: 0, deskLoad: undefined };
const passed = (readings: Partial<Readings>): string[] =>
  judge({ ...clean, ...readings }, limits).filter((gate) => gate.state === 'passed').map((gate) => gate.name);

test('clean figures pass no gate', () => expect(passed({})).toEqual([]));

test('each figure pauses by itself, and all that is wrong is told', () => {
  expect(passed({ falseRejections: 1 })).toEqual(['false rejections']);
  expect(passed({ failedMoves: 1 })).toEqual(['failed moves']);
  expect(passed({ receiptMismatches: 1 })).toEqual(['receipt mismatches']);
  expect(passed({ followLagSeconds: 3_601 })).toEqual(['reverse-follow lag']);
  expect(passed({ unavailable: 3 })).toEqual(['unavailable sign-ins']);
  expect(passed({ falseRejections: 1, failedMoves: 1, receiptMismatches: 1, unavailable: 100 })).toHaveLength(4);
});

test('a share at its limit is clean; of too few sign-ins it says nothing', () => {
  expect(passed({ unavailable: 2 })).toEqual([]);
  expect(judge({ ...clean, signIns: 19, unavailable: 19 }, limits)[4]).toMatchObject({ state: 'too little data' });
});

test('the desk is a gate where the plan has a limit for it, and says nothing while nobody measures it', () => {
  const desk = (deskLoad: number | undefined) => judge({ ...clean, deskLoad }, gateLimits.parse({ deskLoad: '90%' })).find(({ name }) => name === 'desk load');
  expect(desk(0.91)).toMatchObject({ state: 'passed', text: '91.0 % of what the shift can carry (at most 90.0 %)' });
  expect(desk(0.9)).toMatchObject({ state: 'clean', value: 0.9, limit: 0.9 });
  expect(desk(undefined)).toMatchObject({ state: 'too little data' });
  expect(passed({ deskLoad: 100 })).toEqual([]);
});
