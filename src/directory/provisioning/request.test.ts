import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import type { TestStore } from '#store/testing.ts';
import type { PlatformFacts } from '../secrets/facts.ts';
import { findAccount } from '../read-entries.ts';
import { openDirectoryStore } from '../testing.ts';
import { provision, pruneProvisioning } from './request.ts';
import type { ProvisioningAnswer, ProvisioningChange, ProvisioningRequest } from './request.ts';

let fixture: TestStore;
beforeAll(async () => void (fixture = await openDirectoryStore()));
afterAll(() => fixture.close());

const facts: PlatformFacts = { names: ['old', 'new'], told: new Map([['old', 'hash']]), opens: new Set(['old', 'new']) };
const send = (request: ProvisioningRequest): Promise<ProvisioningAnswer> =>
  fixture.store.transaction((tx) => provision(tx, request, { by: { actor: 'provisioning:billing' }, facts, hashFault: () => undefined }));
let keys = 0;
const next = (sequence: number, change: ProvisioningChange): Promise<ProvisioningAnswer> => send({ ...change, key: `k${(keys += 1)}`, sequence });
const HASH = '{SHA512-CRYPT}$6$salt$hash';

describe('a request', () => {
  test('does what it says, once for each key', async () => {
    const create: ProvisioningRequest = { act: 'create', address: 'new@example.org', platform: 'old', hash: HASH, key: 'create-1', sequence: 1 };
    const [first, second] = await Promise.all([send(create), send(create)]);
    expect(first).toEqual(second);
    expect(first).toMatchObject({ outcome: 'done', account: { address: 'new@example.org', state: 'active', home: 'old', authority: 'ours' }, sequence: 1 });
    expect(await next(2, { act: 'state', account: 'new@example.org', state: 'suspended' })).toMatchObject({ outcome: 'done', account: { state: 'suspended' }, sequence: 2 });
    // The answer that was given, not the account as it is now.
    expect(await send(create)).toEqual(first);
    expect(await next(3, { act: 'rename', account: 'new@example.org', address: 'newer@example.org' })).toMatchObject({ outcome: 'done', account: { address: 'newer@example.org' } });
    expect(await next(4, { act: 'secret', account: 'new@example.org', hash: HASH })).toMatchObject({ outcome: 'unchanged' });
    expect(await next(5, { act: 'secret', account: 'new@example.org', hash: `${HASH}2` })).toMatchObject({ outcome: 'done' });
    expect((await findAccount(fixture.store, 'newer@example.org'))?.account).toMatchObject({ credentialVersion: 2, hash: { encoded: `${HASH}2` } });
    await expect(send({ ...create, sequence: 9 })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('that fails leaves no trace, so that it can be tried again', async () => {
    const early: ProvisioningRequest = { act: 'state', account: 'later@example.org', state: 'suspended', key: 'early', sequence: 5 };
    await expect(send(early)).rejects.toMatchObject({ code: 'not-found' });
    await next(4, { act: 'create', address: 'later@example.org', platform: 'new' });
    expect(await send(early)).toMatchObject({ outcome: 'done' });
    await expect(next(1, { act: 'create', address: 'later@example.org', platform: 'new' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(next(1, { act: 'create', address: 'x@example.org', platform: 'mars' })).rejects.toMatchObject({ code: 'input' });
    await expect(next(1, { act: 'create', address: 'x@example.org', platform: 'old', hash: '{PLAIN}secret' })).rejects.toMatchObject({ code: 'input' });
  });

  test('keys are dropped after a week', async () => {
    await sql`update provisioning_request set at = now() - interval '8 days'`.execute(fixture.store.db());
    await pruneProvisioning(fixture.store);
    const { rows } = await sql<{ count: number }>`select count(*) from provisioning_request`.execute(fixture.store.db());
    expect(rows).toEqual([{ count: 0 }]);
  });
});

test('in whatever order requests arrive and come again, the last one of the sequence holds', async () => {
  const STATES = ['active', 'suspended', 'send-blocked'] as const;
  let accounts = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...STATES), { minLength: 1, maxLength: 5 }).chain((states) =>
        fc.record({ states: fc.constant(states), order: fc.array(fc.nat({ max: states.length - 1 }), { minLength: 1, maxLength: 12 }) }),
      ),
      async ({ states, order }) => {
        const address = `p${(accounts += 1)}@example.org`;
        await next(0, { act: 'create', address, platform: 'old' });
        await Promise.all(order.map((index) => send({ act: 'state', account: address, state: states[index]!, key: `${address} ${index}`.replace(' ', '/'), sequence: index + 1 })));
        expect((await findAccount(fixture.store, address))?.account.state).toBe(states[Math.max(...order)]);
      },
    ),
    { numRuns: 25 },
  );
});
