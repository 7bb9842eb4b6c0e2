import { appendFile, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { createLocalFile, decodeLines, encodeLine } from './local-file.ts';

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'causeway-local-')), 'directory.jsonl');
});

test('what was replaced and appended is read back, by its owner only', async () => {
  const file = createLocalFile(path);
  expect(await file.read()).toBeUndefined();
  expect(file.mustReplace()).toBe(true);
  await expect(file.append({ a: 0 })).rejects.toThrow(/anew/);
  await file.replace([{ a: 1 }, { b: 'ü' }]);
  await file.append({ c: [3] });
  expect(file.appended()).toBe(encodeLine({ c: [3] }).length);
  await file.close();
  expect(await createLocalFile(path).read()).toEqual([{ a: 1 }, { b: 'ü' }, { c: [3] }]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a torn last line is left out, damage before it is not', async () => {
  const file = createLocalFile(path);
  await file.replace([1, 2, 3]);
  await file.close();
  await appendFile(path, '0123abcd {"half');
  expect(await file.read()).toEqual([1, 2, 3]);
  const bytes = await readFile(path);
  bytes[9] = 0x39;
  await writeFile(path, bytes);
  await expect(file.read()).rejects.toThrow(expect.objectContaining({ code: 'check-failed', place: `${path}:1` }));
});

test('a folder that takes no file is an error that names it, and the old file stays', async () => {
  const file = createLocalFile(join(path, 'below', 'a-file'));
  await writeFile(path, 'in the way');
  await expect(file.replace([1])).rejects.toThrow(expect.objectContaining({ code: 'unavailable', place: join(path, 'below', 'a-file') }));
  expect(await readFile(path, 'utf8')).toBe('in the way');
});

test('however a file is torn, whole lines are read and nothing else', () => {
  const line = fc.jsonValue();
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.nat(), (lines, cut) => {
      const whole = lines.map(encodeLine);
      const bytes = Buffer.concat(whole);
      const torn = bytes.subarray(0, bytes.length === 0 ? 0 : cut % (bytes.length + 1));
      const read = decodeLines(torn, 'f');
      expect(read).toEqual(JSON.parse(JSON.stringify(lines.slice(0, read.length))));
      expect(Buffer.concat(whole.slice(0, read.length + 1)).length).toBeGreaterThanOrEqual(torn.length);
    }),
    { numRuns: 300 },
  );
});
