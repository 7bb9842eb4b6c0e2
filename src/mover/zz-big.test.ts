import { expect, test } from 'vitest';
import { mail, openBench } from '/work/main/src/mover/testing.ts';
test('big', { timeout: 120000 }, async () => {
  const times: Record<string, number> = {};
  const t0 = performance.now();
  const bench = await openBench({ emit: (d, f) => { console.log((performance.now() - t0).toFixed(0), d.name, JSON.stringify(f)); } });
  const box = (n: number, size: number) => Array.from({ length: n }, (_, i) => mail(`m${i}`, { size, internalDateMs: 1e12 + i * 1000 }));
  const account = await bench.account('big@example.org', { INBOX: box(2000, 5000), Sent: box(100, 2000), Drafts: [], Trash: box(5, 100), 'A/B': box(3, 100), 'A/C': box(3, 100), D: [], E: [], F: [], G: [] });
  const t = performance.now();
  const cpu = process.cpuUsage();
  const move = await bench.drive(await bench.request(account));
  const used = process.cpuUsage(cpu);
  console.log('total', performance.now() - t, 'cpu', (used.user + used.system) / 1000, JSON.stringify(move), process.memoryUsage().rss / 1e6);
  expect(move.state).toBe('moved');
  await bench.close();
});
