import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitMbox } from './mbox.ts';
import { factsOf, isMbox, isMessage } from './message.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
const text = (found: Uint8Array): string => new TextDecoder().decode(found);

async function* pieces(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

async function split(file: string, size = 1_000_000, max = 1_000_000): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for await (const one of splitMbox(pieces(bytes(file), size), max)) found.push('bytes' in one ? text(one.bytes) : undefined);
  return found;
}

test('messages, whatever the pieces in which the file is read', async () => {
  const file = 'From a@x Thu Nov 26 16:28:47 2026\nSubject: one\n\nHello\n\nFrom b@x Thu Nov 26 16:28:48 2026\r\nSubject: two\r\n\r\nHe said:\r\nFrom here it goes on\r\n>From quoted\r\n>>From twice\r\n';
  for (const size of [1, 2, 3, 7, 1_000]) {
    expect(await split(file, size)).toEqual(['Subject: one\n\nHello\n', 'Subject: two\r\n\r\nHe said:\r\nFrom here it goes on\r\nFrom quoted\r\n>From twice\r\n']);
  }
});

test('a From line ends a message only after an empty line', async () => {
  expect(await split('From a@x\nA: b\n\ntext\nFrom the start\n\nFrom c@x\nD: e\n')).toEqual(['A: b\n\ntext\nFrom the start\n', 'D: e\n']);
});

test('what is too large is skipped and told', async () => {
  expect(await split(`From a@x\nA: ${'x'.repeat(5_000)}\n\nFrom b@x\nB: c\n`, 100, 1_000)).toEqual([undefined, 'B: c\n']);
  expect(await split(`From a@x\nA: b\n\n${'x'.repeat(200_000)}\n\nFrom b@x\nB: c\n`, 70_000, 150_000)).toEqual([undefined, 'B: c\n']);
});

test('a file that is no mbox has no messages', async () => {
  expect(await split('Subject: x\n\ntext\n')).toEqual([]);
  expect(await split('')).toEqual([]);
});

test('any messages, written as mboxrd, are read as they were', async () => {
  const line = fc.oneof(fc.constantFrom('From ', '>From x', '>>From y', '', 'From a@b Thu Nov 26 16:28:47 2026'), fc.string({ unit: fc.constantFrom(...'ab >From') }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(line, { minLength: 1, maxLength: 6 }), { maxLength: 4 }), fc.integer({ min: 1, max: 40 }), async (bodies, size) => {
      const messages = bodies.map((lines) => `Subject: x\n\n${lines.join('\n')}\n`);
      const file = messages.map((message) => `From a@b\n${message.replaceAll(/^(>*From )/gm, '>$1')}\n`).join('');
      expect(await split(file, size)).toEqual(messages);
    }),
  );
});

test('when it came, by the separating line, by the last server, by its date', async () => {
  const found: (number | undefined)[] = [];
  for await (const one of splitMbox(pieces(bytes('From a@x Thu Nov 26 16:28:47 2026\nA: b\n\nFrom b@x no date\nA: b\n'), 100), 1_000)) found.push('bytes' in one ? one.receivedAt : -1);
  expect(found).toEqual([Date.UTC(2026, 10, 26, 16, 28, 47), undefined]);
  const received = 'Received: from a by b; Thu, 26 Nov 2026 10:00:00 +0100 (CET)\r\nReceived: from c;\r\n Thu, 26 Nov 2026 08:00:00 +0000\r\nDate: Wed, 25 Nov 2026 00:00:00 +0000\r\n\r\nDate: none';
  expect(factsOf(bytes(received)).receivedAt).toBe(Date.UTC(2026, 10, 26, 9));
  expect(factsOf(bytes('Date: Wed, 25 Nov 2026 00:00:00 +0000\n\n')).receivedAt).toBe(Date.UTC(2026, 10, 25));
  expect(factsOf(bytes('Subject: x\n\nDate: Wed, 25 Nov 2026 00:00:00 +0000')).receivedAt).toBeUndefined();
});

test('read, answered and flagged, as mail programs note it in files', () => {
  expect(factsOf(bytes('Status: RO\nX-Status: AF\n\n')).keywords).toEqual(['$seen', '$answered', '$flagged']);
  expect(factsOf(bytes('X-Mozilla-Status: 0001\n\n')).keywords).toEqual(['$seen']);
  expect(factsOf(bytes('Status: O\n\nStatus: R')).keywords).toEqual([]);
});

test('files are known by how they begin', () => {
  expect([isMbox(bytes('From a@b Thu')), isMbox(bytes('From: a@b')), isMessage(bytes('From: a@b')), isMessage(bytes('%PDF-1.7\n')), isMessage(bytes('PK\u0003\u0004'))]).toEqual([true, false, true, false, false]);
});
