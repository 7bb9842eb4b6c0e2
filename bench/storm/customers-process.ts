/**
 * The customers of a storm: a process of its own, the same for all fronts. Open loop: new ones come at a constant rate,
 * whatever becomes of those before them. Each connects, waits for the greeting, signs in, and leaves as soon as it is in.
 * One that is refused tries again after 1 ± 0.5 s, on the same connection where the front left it open; one that has no
 * answer 10 s after its attempt began goes, and connects anew after 1 ± 0.5 s. Nobody gives up.
 */
import { type Connection, createDialler, getTicket } from './connection.ts';
import { customer } from './customers.ts';
import { type Event, EVENTS, type Order, type Seen } from './orders.ts';

const TIME_OUT_MS = 10_000;
const RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 500;
/** Between two looks at who should have come. */
const TICK_MS = 5;
/** Node keeps one list for each length of a timer. */
const GRAIN_MS = 10;

const now = (): number => performance.timeOrigin + performance.now();

type Record = (event: Event, ms: number, afterSecret: number) => void;

/** A customer until it is in. @returns how to end it */
function start(number: number, open: ReturnType<typeof createDialler>['open'], record: Record, words: (line: string) => void, isIn: () => void): () => void {
  const [login, secret] = customer(number);
  let connection: Connection | undefined;
  /** Greeted, so that the secret may be sent. */
  let greeted = false;
  let asked = false;
  let began = 0;
  let askedAt = 0;
  let input = '';
  let timer: NodeJS.Timeout | undefined;

  function attempt(): void {
    began = now();
    timer = setTimeout(timedOut, TIME_OUT_MS);
    if (connection !== undefined) return ask();
    greeted = false;
    asked = false;
    input = '';
    connection = open(number, { text, closed });
  }

  function ask(): void {
    asked = true;
    askedAt = now();
    connection!.send(`a LOGIN ${login} ${secret}\r\n`);
  }

  function again(event: Event): void {
    clearTimeout(timer);
    asked = false;
    record(event, now() - began, 0);
    const ms = RETRY_MS + (Math.random() * 2 - 1) * RETRY_SPREAD_MS;
    timer = setTimeout(attempt, Math.ceil(ms / GRAIN_MS) * GRAIN_MS);
  }

  function leave(): void {
    connection?.destroy();
    connection = undefined;
  }

  function timedOut(): void {
    leave();
    again('timedOut');
  }

  function closed(): void {
    const wasAsked = asked;
    const waiting = connection !== undefined && (asked || !greeted);
    connection = undefined;
    // One that is refused and waits before its next attempt has been counted.
    if (!waiting) return;
    again(wasAsked ? 'refusedAfterSecret' : 'refusedBefore');
  }

  function text(chunk: string): void {
    input += chunk;
    for (let end = input.indexOf('\r\n'); end >= 0; end = input.indexOf('\r\n')) {
      const line = input.slice(0, end);
      input = input.slice(end + 2);
      heard(line);
    }
  }

  function heard(line: string): void {
    if (!greeted) {
      if (!line.startsWith('* OK')) {
        words(line);
        leave();
        return again('refusedBefore');
      }
      greeted = true;
      return ask();
    }
    if (!asked || !line.startsWith('a ')) return;
    if (line.startsWith('a OK')) {
      asked = false;
      clearTimeout(timer);
      record('in', now() - began, now() - askedAt);
      connection!.send('b LOGOUT\r\n');
      timer = setTimeout(leave, TIME_OUT_MS).unref();
      return isIn();
    }
    words(line);
    again(isBlame(line) ? 'rejected' : 'refusedAfterSecret');
  }

  attempt();
  return () => {
    clearTimeout(timer);
    leave();
  };
}

/** What makes clients ask for another password: the code that says so, and a NO without any code (Thunderbird, K-9, Evolution, Geary). */
function isBlame(line: string): boolean {
  return /^a NO (?!\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\])/.test(line);
}

async function all(order: Order & { do: 'all' }): Promise<Seen> {
  const dialler = createDialler(order.port, await getTicket(order.port));
  const words: Seen['words'] = {};
  let next = order.first;
  const work = async (): Promise<void> => {
    while (next < order.first + order.count) {
      const number = next++;
      await new Promise<void>((done) => start(number, dialler.open, () => {}, (line) => count(words, line), done));
    }
  };
  await Promise.all(Array.from({ length: order.atOnce }, work));
  return { perSecond: bins(), in: [], late: [], waiting: 0, connections: 0, ...dialler.counts, words };
}

function bins(seconds = 0): { [Key in Event]: number[] } {
  return Object.fromEntries(EVENTS.map((event) => [event, Array.from({ length: seconds }, () => 0)])) as { [Key in Event]: number[] };
}

/** Numbers and names in what is said differ; its first words do not. */
function count(words: { [line: string]: number }, line: string): void {
  const key = line.slice(0, 60);
  words[key] = (words[key] ?? 0) + 1;
}

async function storm(order: Order & { do: 'storm' }): Promise<Seen> {
  const { began, seconds, perSecond, first, step, among } = order;
  const dialler = createDialler(order.port, await getTicket(order.port));
  const per = bins(seconds);
  const entered: [number, number, number][] = [];
  const late: [number, number][] = [];
  const words: Seen['words'] = {};
  const waiting = new Set<() => void>();
  let came = 0;

  const record = (event: Event, ms: number, afterSecret: number): void => {
    const at = (now() - began) / 1_000;
    const second = Math.floor(at);
    if (second < 0 || second >= seconds) return;
    per[event][second]! += 1;
    if (event === 'in') entered.push([at, ms, afterSecret]);
  };
  const come = (number: number): void => {
    const stop = start(number, dialler.open, record, (line) => count(words, line), () => waiting.delete(stop));
    waiting.add(stop);
  };

  await new Promise<void>((done) => {
    const tick = (): void => {
      for (;;) {
        const due = began + (came * 1_000) / perSecond;
        const at = now();
        if (at >= began + seconds * 1_000) return done();
        if (due > at) break;
        late.push([(at - began) / 1_000, at - due]);
        record('came', 0, 0);
        come(first + (among === undefined ? came * step : (came * step) % among));
        came += 1;
      }
      setTimeout(tick, TICK_MS);
    };
    tick();
  });
  const left = { waiting: waiting.size, connections: dialler.counts.open };
  for (const stop of waiting) stop();
  const { handshakes, notResumed } = dialler.counts;
  return { perSecond: per, in: entered, late, ...left, handshakes, notResumed, words };
}

process.on('message', (order: Order) => {
  (order.do === 'all' ? all(order) : storm(order)).then(
    (seen) => process.send!(seen),
    (error: Error) => process.send!({ failed: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
