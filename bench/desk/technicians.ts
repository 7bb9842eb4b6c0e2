/**
 * Technicians who take calls: they type a part of a name, a phone or a customer number, one letter after the other, open
 * the account's screen, and look at it again until the call is over.
 *
 * Invariants: all of them have a call when it begins, and each call that ends makes room for one that comes. The load is open: calls come by the clock, however slow the desk is. Each request's time is from its
 * beginning to the last byte of its answer; one that does not find who was meant, or is no 200, is a failure and is told.
 */
import { Agent, request } from 'node:http';
import { personOf, type Person } from './people.ts';

export type Orders = {
  readonly url: string;
  readonly technicians: number;
  readonly callsPerHour: number;
  readonly seconds: number;
  readonly people: number;
  readonly cookies: readonly string[];
};
export type Seen = { readonly findMs: number[]; readonly screenMs: number[]; readonly calls: number; readonly failures: string[] };

/** Between two letters. */
const LETTER_MS = 150;
/** The page looks again by itself. */
const LOOK_MS = 15_000;

export async function takeCalls({ url, technicians, callsPerHour, seconds, people, cookies }: Orders): Promise<Seen> {
  const agent = new Agent({ keepAlive: true, maxSockets: technicians * 2 });
  const findMs: number[] = [];
  const screenMs: number[] = [];
  const failures: string[] = [];
  const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
  const every = 3_600_000 / callsPerHour;
  const until = performance.now() + seconds * 1_000;

  const ask = (path: string, cookie: string, began = performance.now()): Promise<{ status: number; text: string; ms: number }> =>
    new Promise((resolve, reject) => {
      const sent = request(new URL(path, url), { agent, headers: { cookie } }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode!, text, ms: performance.now() - began }));
        answer.on('error', reject);
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed a connection that was idle, in this moment; browsers ask again by another one, and so do we (Node's docs, request.reusedSocket).
        if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(ask(path, cookie, began));
        else reject(error);
      });
      sent.end();
    });

  async function find(query: string, cookie: string): Promise<{ id: number; address: string }[]> {
    const { status, text, ms } = await ask(`/api/desk/find?q=${encodeURIComponent(query)}`, cookie);
    findMs.push(ms);
    if (status === 200) return (JSON.parse(text) as { accounts: { id: number; address: string }[] }).accounts;
    failures.push(`find ${query}: ${status}`);
    return [];
  }

  /** What a caller says, each in turn: a customer number, a phone as written at home, a name with its number, a login name. */
  function typed(n: number, index: number, { address, name, phone, number }: Person): string {
    const local = address.split('@')[0]!;
    return [number, `0${phone.slice(3)}`, `${name.split(' ')[1]!.toLowerCase()} ${/\d+$/.exec(local)![0]}`, local, `user${n}`][index % 5]!;
  }

  async function call(index: number): Promise<void> {
    const cookie = cookies[index % cookies.length]!;
    const n = (index * 7_919) % people;
    const person = personOf(n);
    const words = typed(n, index, person);
    let accounts: { id: number; address: string }[] = [];
    for (let letters = 2; letters <= words.length; letters += 1) {
      const letter = pause(LETTER_MS);
      accounts = await find(words.slice(0, letters), cookie);
      await letter;
    }
    const meant = accounts.find(({ address }) => address === person.address);
    if (meant === undefined) return void failures.push(`${words} does not find ${person.address}`);
    // A technician has a call until the next of hers comes.
    await look(meant.id, person, cookie, every * technicians);
  }

  async function look(id: number, person: Person, cookie: string, ms: number): Promise<void> {
    for (const over = performance.now() + ms; performance.now() < Math.min(over, until); ) {
      const next = pause(Math.min(LOOK_MS, Math.max(0, until - performance.now())));
      const { status, ms: took, text } = await ask(`/api/desk/accounts/${id}`, cookie);
      screenMs.push(took);
      if (status !== 200 || !text.includes(person.address)) failures.push(`screen of ${person.address}: ${status}`);
      await next;
    }
  }

  /** One that is going on when the bench begins, somewhere between its beginning and its end. */
  async function underWay(index: number): Promise<void> {
    const cookie = cookies[index % cookies.length]!;
    const person = personOf((index * 104_729 + 13) % people);
    await pause(((index * 37) % technicians) * (LOOK_MS / technicians));
    const meant = (await find(person.address, cookie)).find(({ address }) => address === person.address);
    if (meant === undefined) return void failures.push(`${person.address} is not found`);
    await look(meant.id, person, cookie, every * (index + 1));
  }

  const calls: Promise<void>[] = [];
  const before = Array.from({ length: technicians }, (_, index) => underWay(index).catch((error: Error) => void failures.push(error.message)));
  const began = performance.now();
  while (performance.now() < until) {
    calls.push(call(calls.length).catch((error: Error) => void failures.push(error.message)));
    await pause(Math.max(0, began + calls.length * every - performance.now()));
  }
  await Promise.all([...calls, ...before]);
  agent.destroy();
  return { findMs, screenMs, calls: calls.length, failures };
}
