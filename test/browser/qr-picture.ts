/** What a camera sees of a QR code: the picture on the screen, cut into its modules. */
import type { Locator } from 'playwright-core';

export type Seen = {
  /** Of one module, in pixels of the screen. */
  readonly pixels: number;
  /** By rows: dark is true, light is false, and what a camera could take for either is what it is, 0 to 255. */
  readonly modules: readonly (readonly (boolean | number)[])[];
};

/** @param across modules of a side, the light around them included */
export async function seenOf(code: Locator, across: number): Promise<Seen> {
  const picture = (await code.screenshot()).toString('base64');
  // In a page without a policy of its own: a browser is what can read a picture here.
  const reader = await code.page().context().newPage();
  try {
    const { width, greys } = await reader.evaluate<{ width: number; greys: number[] }>(`(async () => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(${JSON.stringify(picture)}), (letter) => letter.charCodeAt(0))]));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      return { width: bitmap.width, greys: Array.from({ length: data.length / 4 }, (_, n) => Math.round(0.2126 * data[4 * n] + 0.7152 * data[4 * n + 1] + 0.0722 * data[4 * n + 2])) };
    })()`);
    const pixels = width / across;
    const at = (x: number, y: number): number => greys[Math.floor((y + 0.5) * pixels) * width + Math.floor((x + 0.5) * pixels)]!;
    const side = Array.from({ length: across }, (_, n) => n);
    return { pixels, modules: side.map((y) => side.map((x) => (at(x, y) < 40 ? true : at(x, y) > 215 ? false : at(x, y)))) };
  } finally {
    await reader.close();
  }
}
