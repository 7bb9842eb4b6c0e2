/** A connection that reads into the same memory again and again gives each message's own bytes, however slow its takers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { converse } from '../scripted-server.testing.ts';

const sizes = fc.array(fc.record({ size: fc.oneof(fc.nat(300), fc.nat(90_000), fc.nat(400_000)), slow: fc.nat(3) }), { minLength: 1, maxLength: 25 });

/** Differs from message to message, and from place to place. */
function bytesOf(uid: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; at += 1) bytes[at] = 32 + ((at * 7 + uid * 13 + (at >> 8)) % 90);
  return bytes;
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((go) => setImmediate(go));
};

test('whole and streamed messages in turn', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), fc.integer({ min: 5_000, max: 300_000 }), async (messages, ownMemory, cut) => {
      const got = new Map<number, Buffer[]>();
      const kept = (uid: number): Buffer[] => got.get(uid) ?? got.set(uid, []).get(uid)!;
      await converse(
        async (peer) => {
          await peer.line();
          const answer = Buffer.concat([
            ...messages.flatMap(({ size }, n) => [Buffer.from(`* ${n + 1} FETCH (UID ${n + 1} BODY[] {${size}}\r\n`), bytesOf(n + 1, size), Buffer.from(')\r\n')]),
            Buffer.from('A1 OK\r\n'),
          ]);
          for (let at = 0; at < answer.length; at += cut) {
            peer.send(answer.subarray(at, at + cut));
            await turns(2);
          }
        },
        async (connection) => {
          await connection.fetchBodies(
            `1:${messages.length}`,
            async ({ uid, body }) => {
              for await (const chunk of body) {
                // They are its taker's until it asks for more, however long that takes.
                await turns(messages[uid - 1]!.slow);
                kept(uid).push(Buffer.from(chunk));
              }
            },
            {
              whole: {
                below: 60_000,
                ...(ownMemory ? { memoryFor: (size: number) => Buffer.allocUnsafe(size) } : {}),
                take(uid, bytes) {
                  kept(uid).push(bytes);
                  const { slow } = messages[uid - 1]!;
                  return slow === 0 ? undefined : turns(slow);
                },
              },
            },
          );
        },
        { bulk: true },
      );
      messages.forEach(({ size }, n) => expect(Buffer.concat(got.get(n + 1) ?? []).equals(bytesOf(n + 1, size))).toBe(true));
    }),
    { numRuns: 30 },
  );
});
