import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { CORE, echo } from './core.ts';
import { MethodError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { type Engine, type Method, processRequest, type Response, serialise } from './process.ts';

const faults: unknown[] = [];

const method = (run: Method<null>['run'], capability = 'urn:test'): Method<null> => ({ capability, run });

const engine: Engine<null> = {
  limits: LIMITS,
  capabilities: new Set([CORE, 'urn:test']),
  methods: new Map<string, Method<null>>([
    ['Core/echo', echo],
    ['Foo/changes', method(async () => ({ created: ['f1', 'f4'], updated: [], destroyed: [] }))],
    ['Foo/get', method(async (args) => ({ list: ((args['ids'] as string[] | null) ?? []).map((id) => ({ id, tags: [`${id}a`, `${id}b`], 'a/b': 1 })) }))],
    ['Foo/make', method(async (_, _c, call) => ({ size: call.createdIds.set('k', 'made').size }))],
    ['Foo/both', method(async (_, _c, call) => {
      call.alsoRun('Core/echo', { implied: true });
      return { first: true };
    })],
    ['Foo/down', method(() => Promise.reject(new CausewayError('unavailable', 'back end 10.0.0.1 is dead')))],
    ['Foo/bug', method(() => Promise.reject(new TypeError('secret detail')))],
    ['Foo/no', method(() => Promise.reject(new MethodError('cannotCalculateChanges')))],
  ]),
  onFault: (error) => void faults.push(error),
};

async function ask(request: unknown): Promise<Response> {
  const outcome = await processRequest(Buffer.from(JSON.stringify(request)), engine, null, 's1');
  if ('problem' in outcome) throw new Error(outcome.problem.type);
  return outcome.response;
}

async function problem(body: string | Buffer): Promise<object> {
  const outcome = await processRequest(Buffer.from(body), engine, null, 's1');
  return 'problem' in outcome ? outcome.problem : {};
}

const using = [CORE, 'urn:test'];
const type = (name: string): object => expect.objectContaining({ type: `urn:ietf:params:jmap:error:${name}`, status: 400 });

describe('requests as a whole (RFC 8620 section 3.6.1)', () => {
  test('that are not JSON, no Request, or too much', async () => {
    expect(await problem('{"using":')).toEqual(type('notJSON'));
    expect(await problem(Buffer.from([0x22, 0xff, 0x22]))).toEqual(type('notJSON'));
    expect(await problem('{"foo":"bar"}')).toEqual(type('notRequest'));
    expect(await problem('{"using":[],"methodCalls":{}}')).toEqual(type('notRequest'));
    expect(await problem('{"using":[],"methodCalls":[["Core/echo",[],"c"]]}')).toEqual(type('notRequest'));
    expect(await problem('['.repeat(5_000_000))).toEqual(type('notRequest'));
    expect(await problem(' '.repeat(LIMITS.maxSizeRequest + 1))).toMatchObject({ limit: 'maxSizeRequest', type: 'urn:ietf:params:jmap:error:limit' });
    const calls = Array.from({ length: LIMITS.maxCallsInRequest + 1 }, () => ['Core/echo', {}, 'c']);
    expect(await problem(JSON.stringify({ using, methodCalls: calls }))).toMatchObject({ limit: 'maxCallsInRequest' });
  });

  test('with a capability that is not there', async () => {
    expect(await problem(JSON.stringify({ using: [CORE, 'https://example.com/x'], methodCalls: [] }))).toEqual(type('unknownCapability'));
  });

  test('that opt in to nothing may call nothing', async () => {
    const { methodResponses } = await ask({ using: [], methodCalls: [['Core/echo', {}, 'c']] });
    expect(methodResponses).toEqual([['error', { type: 'unknownMethod' }, 'c']]);
  });
});

describe('method calls', () => {
  test('are answered in their order, whatever happens to one (RFC 8620 section 3.6.2)', async () => {
    faults.length = 0;
    const { methodResponses, sessionState } = await ask({
      using,
      methodCalls: [
        ['Core/echo', { hello: true, high: 5 }, 'a'],
        ['Foo/down', {}, 'b'],
        ['Foo/bug', {}, 'c'],
        ['Foo/no', {}, 'd'],
        ['Nothing/get', {}, 'e'],
        ['Foo/both', {}, 'f'],
      ],
    });
    expect(methodResponses).toEqual([
      ['Core/echo', { hello: true, high: 5 }, 'a'],
      ['error', { type: 'serverUnavailable', description: expect.not.stringContaining('10.0.0.1') }, 'b'],
      ['error', { type: 'serverFail', description: expect.not.stringContaining('secret') }, 'c'],
      ['error', { type: 'cannotCalculateChanges' }, 'd'],
      ['error', { type: 'unknownMethod' }, 'e'],
      ['Foo/both', { first: true }, 'f'],
      ['Core/echo', { implied: true }, 'f'],
    ]);
    expect(sessionState).toBe('s1');
    expect(faults).toHaveLength(2);
  });

  test('creation ids are given back when the client gave some', async () => {
    const methodCalls = [['Foo/make', {}, 'a']];
    expect((await ask({ using, methodCalls, createdIds: { z: 'old' } })).createdIds).toEqual({ z: 'old', k: 'made' });
    expect(await ask({ using, methodCalls })).not.toHaveProperty('createdIds');
  });
});

describe('result references (RFC 8620 section 3.7)', () => {
  const refer = (path: string, more: object = {}): unknown[] => ['Foo/get', { '#ids': { resultOf: 't0', name: 'Foo/changes', path }, ...more }, 't1'];
  const answerTo = async (...calls: unknown[][]): Promise<unknown> => (await ask({ using, methodCalls: [['Foo/changes', {}, 't0'], ...calls] })).methodResponses.at(-1);

  test('the example of the RFC, and lists of lists made flat', async () => {
    expect(await answerTo(refer('/created'))).toMatchObject(['Foo/get', { list: [{ id: 'f1' }, { id: 'f4' }] }, 't1']);
    const flat = ['Core/echo', { '#all': { resultOf: 't1', name: 'Foo/get', path: '/list/*/tags' }, '#one': { resultOf: 't1', name: 'Foo/get', path: '/list/1/a~1b' } }, 't2'];
    expect(await answerTo(refer('/created'), flat)).toEqual(['Core/echo', { all: ['f1a', 'f1b', 'f4a', 'f4b'], one: 1 }, 't2']);
  });

  test.each([
    ['/nothing'],
    ['created'],
    ['/created/2'],
    ['/created/01'],
    ['/created/*/x'],
    ['/__proto__'],
  ])('a path that leads nowhere: %s', async (path) => {
    expect(await answerTo(refer(path))).toMatchObject(['error', { type: 'invalidResultReference' }, 't1']);
  });

  test('of another call or name, or beside the plain argument', async () => {
    expect(await answerTo(['Foo/get', { '#ids': { resultOf: 'x', name: 'Foo/changes', path: '/created' } }, 't1'])).toMatchObject(['error', { type: 'invalidResultReference' }, 't1']);
    expect(await answerTo(['Foo/get', { '#ids': { resultOf: 't0', name: 'Foo/get', path: '/created' } }, 't1'])).toMatchObject(['error', { type: 'invalidResultReference' }, 't1']);
    expect(await answerTo(refer('/created', { ids: [] }))).toMatchObject(['error', { type: 'invalidArguments' }, 't1']);
  });

  test('cannot make a small request into a huge answer', async () => {
    const doubling = Array.from({ length: 31 }, (_, n) => [
      'Core/echo',
      n === 0 ? { a: 'x'.repeat(1000) } : { '#a': { resultOf: `c${n - 1}`, name: 'Core/echo', path: '' }, '#b': { resultOf: `c${n - 1}`, name: 'Core/echo', path: '' } },
      `c${n}`,
    ]);
    const response = await ask({ using, methodCalls: doubling });
    expect(serialise(response).length).toBeLessThan(70_000_000);
    expect(response.methodResponses.at(-1)?.[0]).toBe('error');
  });
});

test('any JSON, and any bytes, give a problem or a whole response', async () => {
  const name = fc.constantFrom('Core/echo', 'Foo/get', 'Foo/changes', 'Foo/make', 'Foo/both', 'Foo/down', 'x', '__proto__', 'constructor');
  const callId = fc.constantFrom('a', 'b', '__proto__');
  const reference = fc.record({ resultOf: callId, name, path: fc.constantFrom('', '/', '/a', '/list/*/tags', '/created', '/~', '/*/*', '/__proto__') });
  const args = fc.dictionary(fc.constantFrom('ids', '#ids', '#a', 'a', '#', '__proto__'), fc.oneof(reference, fc.jsonValue({ maxDepth: 3 })));
  const request = fc.record(
    { using: fc.oneof(fc.constant(using), fc.jsonValue({ maxDepth: 2 })), methodCalls: fc.oneof(fc.array(fc.tuple(name, args, callId), { maxLength: 6 }), fc.jsonValue({ maxDepth: 3 })), createdIds: fc.jsonValue({ maxDepth: 2 }) },
    { requiredKeys: ['using', 'methodCalls'] },
  );
  const body = fc.oneof({ weight: 5, arbitrary: request.map((one) => Buffer.from(JSON.stringify(one))) }, fc.jsonValue().map((one) => Buffer.from(JSON.stringify(one))), fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)));
  await fc.assert(
    fc.asyncProperty(body, async (bytes) => {
      const outcome = await processRequest(bytes, engine, null, 's');
      if ('problem' in outcome) return void expect(outcome.problem).toMatchObject({ type: expect.stringMatching(/^urn:ietf:params:jmap:error:/), status: 400, detail: expect.any(String) });
      const asked = JSON.parse(bytes.toString()) as { methodCalls: [string, object, string][] };
      const response = JSON.parse(serialise(outcome.response)) as Response;
      const ids = asked.methodCalls.map(([, , id]) => id);
      expect(response.methodResponses.length).toBeGreaterThanOrEqual(ids.length);
      expect([...new Set(response.methodResponses.map(([, , id]) => id))]).toEqual([...new Set(ids)]);
      for (const [answered, given] of response.methodResponses) if (answered === 'error') expect(given['type']).toEqual(expect.any(String));
    }),
    { numRuns: 1500 },
  );
});
