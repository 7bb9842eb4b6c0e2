import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlabs } from './slabs.ts';

test('bytes stay as they are until they are freed, whatever is copied and freed meanwhile', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ size: fc.nat(40), frees: fc.nat(3) }), { maxLength: 200 }), (steps) => {
      const slabs = createSlabs(64);
      const held: { text: string; kept: ReturnType<typeof slabs.keep> }[] = [];
      steps.forEach(({ size, frees }, n) => {
        const text = String.fromCharCode(97 + (n % 26)).repeat(size);
        let bytes: Buffer = Buffer.from(text);
        if (n % 3 === 0) {
          const memory = slabs.memoryFor(size);
          memory.set(bytes);
          bytes = memory;
        }
        held.push({ text, kept: slabs.keep(bytes) });
        for (let k = 0; k < frees; k += 1) held.splice((n * 7) % Math.max(1, held.length), 1)[0]?.kept.free();
        for (const { text: wanted, kept } of held) expect(kept.bytes.toString()).toBe(wanted);
      });
    }),
  );
});

test('memory is used again', () => {
  const slabs = createSlabs(64);
  const first = slabs.keep(Buffer.alloc(40));
  const second = slabs.keep(Buffer.alloc(40));
  expect(second.bytes.buffer).not.toBe(first.bytes.buffer);
  first.free();
  expect(slabs.keep(Buffer.alloc(40)).bytes.buffer).toBe(first.bytes.buffer);
});

test('what is larger than a slab is left where it is', () => {
  const bytes = Buffer.alloc(65);
  expect(createSlabs(64).keep(bytes).bytes).toBe(bytes);
});

test('what was read into memory of ours stays where it is', () => {
  const slabs = createSlabs(64);
  const memory = slabs.memoryFor(10);
  expect(slabs.keep(memory).bytes).toBe(memory);
});
