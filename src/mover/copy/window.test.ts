import { expect, test } from 'vitest';
import { createWindow } from './window.ts';

test('bounds messages and bytes, and keeps the order', async () => {
  const window = createWindow({ bytes: 100, messages: 2 });
  const entered: string[] = [];
  const enter = (name: string, bytes: number) => window.enter(bytes).then(() => void entered.push(name));
  await enter('a', 60);
  const rest = [enter('b', 60), enter('c', 10), enter('huge', 1_000), enter('d', 1)];
  await Promise.resolve();
  expect(entered).toEqual(['a']);
  window.leave(60);
  await Promise.all(rest.slice(0, 2));
  expect(entered).toEqual(['a', 'b', 'c']);
  window.leave(60);
  window.leave(10);
  await rest[2];
  expect(entered).toEqual(['a', 'b', 'c', 'huge']);
  window.leave(1_000);
  await rest[3];
});
