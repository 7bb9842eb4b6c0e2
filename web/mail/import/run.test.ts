import { expect, test } from 'vitest';
import { type Deliver, importFiles, type ImportProgress } from './run.ts';

const signal = new AbortController().signal;
const mbox = (count: number): File => new File([Array.from({ length: count }, (_, n) => `From a@x\nSubject: ${n}\n\ntext ${n}\n\n`).join('')], 'box.mbox');

function recorder(fails: (subject: string) => 'failed' | 'full' | 'away' | undefined = () => undefined): { deliver: Deliver; subjects: string[] } {
  const subjects: string[] = [];
  return {
    subjects,
    async deliver(group) {
      let failed = 0;
      let isFull = false;
      for (const { bytes } of group) {
        const subject = /Subject: (.*)/.exec(new TextDecoder().decode(bytes))?.[1] ?? '';
        const fault = fails(subject);
        if (fault === 'away') throw new Error('away');
        if (fault === undefined) subjects.push(subject);
        else failed += 1;
        if (fault === 'full') isFull = true;
      }
      return { done: group.length - failed, failed, isFull };
    },
  };
}

test('all messages of all files, once and in order, with progress to the end', async () => {
  const { deliver, subjects } = recorder();
  const told: ImportProgress[] = [];
  const files = [mbox(10), new File(['Subject: single\n\ntext'], 'one.eml')];
  const outcome = await importFiles(files, deliver, 1_000_000, { signal, onProgress: (progress) => told.push(progress) });
  expect(subjects).toEqual([...Array.from({ length: 10 }, (_, n) => String(n)), 'single']);
  expect(outcome).toMatchObject({ done: 11, failed: 0, ended: 'done' });
  expect(told.at(-1)?.bytes).toBe(files[0]!.size + files[1]!.size);
});

test('what is no mail, or too large, keeps nothing else out', async () => {
  const { deliver, subjects } = recorder();
  const files = [new File(['%PDF-1.7\n'], 'a.pdf'), new File([`Subject: big\n\n${'x'.repeat(2_000)}`], 'big.eml'), mbox(2)];
  expect(await importFiles(files, deliver, 1_000, { signal, onProgress: () => {} })).toMatchObject({ done: 2, failed: 2, ended: 'done' });
  expect(subjects).toEqual(['0', '1']);
});

test('a full mailbox, an outage and a stop end it, and say what is there', async () => {
  const full = recorder((subject) => (subject === '5' ? 'full' : undefined));
  expect(await importFiles([mbox(20)], full.deliver, 1_000, { signal, onProgress: () => {} })).toMatchObject({ done: 7, failed: 1, ended: 'full' });
  const away = recorder((subject) => (subject === '9' ? 'away' : undefined));
  expect(await importFiles([mbox(20)], away.deliver, 1_000, { signal, onProgress: () => {} })).toMatchObject({ done: 8, ended: 'broken' });
  const stop = new AbortController();
  const stopped = recorder((subject) => (subject === '4' ? void stop.abort() : undefined));
  expect(await importFiles([mbox(20)], stopped.deliver, 1_000, { signal: stop.signal, onProgress: () => {} })).toMatchObject({ done: 8, ended: 'stopped' });
});
