/** For tests: a protocol's two framers between a client and a platform that say what they are told. */
import type { ByteQueue } from '#wire/byte-queue.ts';
import type { Answers, Commands } from './speech.ts';

export const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

export function betweenFramers<C extends Commands, A extends Answers>(queue: ByteQueue, commands: C, answers: A) {
  const toPlatform: string[] = [];
  const toClient: string[] = [];
  const pump = (): void => {
    for (let step = commands.next(); step !== undefined; step = commands.next()) {
      if (step.kind === 'forward') toPlatform.push(step.bytes.toString('latin1'));
      else toClient.push(`${step.line}\r\n`);
    }
  };
  return {
    commands,
    answers,
    /** One by one, as they were passed on. */
    toPlatform,
    client: (text: string) => (queue.push(bytes(text)), pump()),
    platform: (text: string) => {
      for (const out of answers.feed(bytes(text))) toClient.push(out.toString('latin1'));
      pump();
    },
    pump,
    passed: () => toPlatform.join(''),
    told: () => toClient.join(''),
  };
}
