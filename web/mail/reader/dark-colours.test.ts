import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contrast, DARK_GROUND, darkened, darkenedValue, luminance, type Rgb } from './dark-colours.ts';

const channel = fc.nat({ max: 255 });
const colour = fc.tuple(channel, channel, channel) as fc.Arbitrary<Rgb>;
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

test('what is legible in the light is legible in the dark: the contrast of any two colours stays, but where both are near black', () => {
  fc.assert(
    fc.property(colour, colour, (one, other) => {
      const before = contrast(one, other);
      const after = contrast(darkened(one), darkened(other));
      // Below it, two blacks become the same nearly-white.
      if (luminance(one) > 0.02 && luminance(other) > 0.02) expect(after / before).toBeGreaterThan(0.9);
      expect(after).toBeLessThan(before * 1.12 + 0.1);
    }),
    { numRuns: 3_000 },
  );
});

test('text that had 4.5:1 on white has it on the dark ground', () => {
  fc.assert(
    fc.property(colour, (text) => {
      if (contrast(text, WHITE) < 4.5) return;
      expect(contrast(darkened(text), DARK_GROUND)).toBeGreaterThan(4.4);
    }),
    { numRuns: 3_000 },
  );
});

test('white becomes the ground, black nearly white, and what is light is dark', () => {
  expect(darkened(WHITE)).toEqual(DARK_GROUND);
  expect(contrast(darkened(BLACK), DARK_GROUND)).toBeGreaterThan(13);
  expect(luminance(darkened([255, 255, 200]))).toBeLessThan(0.05);
});

test('values of properties that paint, in all ways in which CSSOM writes a colour', () => {
  const named = (word: string): string | undefined => ({ white: '#ffffff', black: '#000000' })[word];
  const ground = 'rgb(21, 31, 34)';
  expect(darkenedValue('background-color', 'white', named)).toBe(ground);
  expect(darkenedValue('background-color', '#fff', named)).toBe(ground);
  expect(darkenedValue('background-color', '#FFFFFF', named)).toBe(ground);
  expect(darkenedValue('background-color', 'rgb(255, 255, 255)', named)).toBe(ground);
  expect(darkenedValue('background-color', 'rgba(255, 255, 255, 0.5)', named)).toBe('rgba(21, 31, 34, 0.5)');
  expect(darkenedValue('background-image', 'linear-gradient(rgb(255, 255, 255), #ffffff)', named)).toBe(`linear-gradient(${ground}, ${ground})`);
  for (const kept of ['inherit', 'transparent', 'currentcolor', 'rgb(1 2 nonsense)']) expect(darkenedValue('color', kept, named)).toBe(kept);
  expect(darkenedValue('font-family', 'white', named)).toBe('white');
});
