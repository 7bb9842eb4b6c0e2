import { describe, expect, test } from 'vitest';
import { type Report, secondLook } from './second-look.ts';

const file = (name: string, ...failures: readonly string[]): Report['testResults'][number] => ({
  name, status: failures.length > 0 ? 'failed' : 'passed', message: '',
  assertionResults: [{ status: 'passed', failureMessages: [] }, ...failures.map((text) => ({ status: 'failed', failureMessages: [text] }))],
});

test('files that failed are looked at again', () => {
  const report = { testResults: [file('/a/test/pop3.test.ts', 'Error: no /OK/ in "…"'), file('/a/test/http.test.ts'), { ...file('/a/test/jmap.test.ts'), status: 'failed', message: 'port 10001 is taken' }] };
  expect(secondLook(report, ['test/kill.test.ts'])).toEqual(['/a/test/pop3.test.ts', '/a/test/jmap.test.ts']);
});

test('what an error quotes of a log is not what it says', () => {
  expect(secondLook({ testResults: [file('/a/test/pop3.test.ts', 'no serve.ready in:\n{"event":"mover.connection-lost"}\n{"event":"x","missing":1}')] }, [])).toHaveLength(1);
});

describe('nothing is looked at again', () => {
  test.each([
    'AssertionError: expected 1 to be +0 // false rejections',
    'expected { falseRejections: 1 } to match object { falseRejections: +0 }',
    'expected { falseAcceptances: 1 } to match',
    'expected { wronglyUnavailable: 2 } to match',
    'expected { missing: 1 } to match',
    'expected { altered: 1 } to match',
    'expected { doubled: 1 } to match',
    '2 messages were lost',
  ])('that says: %s', (text) => {
    expect(secondLook({ testResults: [file('/a/test/pop3.test.ts', 'Error: too late'), file('/a/src/x.test.ts', text)] }, [])).toEqual([]);
  });

  test('of a scenario that ran alone', () => {
    expect(secondLook({ testResults: [file('/a/test/pop3.test.ts', 'too late'), file('/a/test/kill.test.ts', 'too late')] }, ['test/kill.test.ts'])).toEqual([]);
  });

  test('where much failed', () => {
    expect(secondLook({ testResults: [1, 2, 3].map((n) => file(`/a/${n}.test.ts`, 'too late')) }, [])).toHaveLength(3);
    expect(secondLook({ testResults: [1, 2, 3, 4].map((n) => file(`/a/${n}.test.ts`, 'too late')) }, [])).toEqual([]);
  });

  test('where none did, and the run failed', () => {
    expect(secondLook({ testResults: [file('/a/1.test.ts')] }, [])).toEqual([]);
  });
});
