/**
 * Some movers' processes that are killed and stopped while they work, and what that hit.
 *
 * Invariants: what a fault hit is read when the process can do nothing any more, nor what it has sent to the database: the
 * moves that it owns then. A killed one's claims are let go as `serve` does it, since it is proven gone; a stopped one's are not.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type ClaimTimes, LEAN, releaseClaims } from '../../src/mover/index.ts';
import { BESIDE, OPEN } from '../../src/mover/tables.ts';
import type { EmbeddedConnection } from '../../src/store/embedded/launch.ts';
import type { Store } from '../../src/store/index.ts';
import { sleep } from '../installation.ts';
import type { LifeOrders } from './life.ts';

/** Short, so that a process that is stopped for seconds wakes after it was taken over. */
export const TIMES: ClaimTimes = { takeOverMs: 2_000, commandMs: 1_000, stragglerMs: 300 };
/** How long a process that is stopped in a transaction keeps its rows locked; a fifth of the real one, as the take-over is. */
const IN_TRANSACTION_MS = 2_000;
/** Take-over, command time-out and locked rows; on half a core, where those that are killed meanwhile take ten seconds to live again, it was half a minute and more. */
const TAKEN_WITHIN_MS = 180_000;

/** Of them the killed and the stopped are taken over. */
const ALWAYS_AWAKE = 2;
/** A state may be rare: a hold is a fifth of a second of a move. */
const AIM_MS = 300;
/** What is kept of all that they log, for who reads a failure. */
const LOG = 20_000;

/** A claim that a fault hit. `beside`: of what follows back, which is nobody's move. */
export type Hit = { readonly move: number; readonly claim: number; readonly state: string; readonly beside: boolean; readonly owner: string };
export type Taking = { readonly move: number; readonly claim: number; readonly owner: string };

/** Whom a fault is to hit: a process that works on a move in this state, the how manieth of them. */
export type Aim = { readonly state: string; readonly which: number };

type Life = { readonly owner: string; readonly process: ChildProcess; faulty: boolean };

/** Every taking of a move is written down by the database itself. */
export async function watchClaims(store: Store): Promise<void> {
  await sql`create table taken (move bigint not null, claim bigint not null, owner text not null, primary key (move, claim))`.execute(store.db());
  await sql`create function note_taken() returns trigger language plpgsql as $$
    begin insert into taken values (new.id, new.claim, new.owner); return new; end $$`.execute(store.db());
  await sql`create trigger note_taken after update of claim on move for each row when (new.claim > old.claim) execute function note_taken()`.execute(store.db());
}

function isAsleep(pid: number): boolean {
  try {
    return /^State:\s+S/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // It is gone.
    return true;
  }
}

export function startMovers(store: Store, { database, ...orders }: Pick<LifeOrders, 'config' | 'keys'> & { readonly database: EmbeddedConnection }, count: number) {
  const connectionString = `postgresql://${database.user}@/${database.database}?host=${database.host}&port=${database.port}&idle_in_transaction_session_timeout=${IN_TRANSACTION_MS}`;
  const lives: Life[] = [];
  let born = 0;
  let log = '';
  let ending = false;

  function live(slot: number): void {
    born += 1;
    const owner = `mover ${slot}, life ${born}`;
    const child = fork(join(import.meta.dirname, 'life.ts'), [JSON.stringify({ ...orders, database: { connectionString: `${connectionString}&application_name=${encodeURIComponent(owner)}` }, owner, times: TIMES } satisfies LifeOrders)], {
      execArgv: [...LEAN.execArgv],
      env: { ...process.env, ...LEAN.env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.stderr!.on('data', (chunk: Buffer) => (log = `${log}${chunk}`.slice(-LOG)));
    lives[slot] = { owner, process: child, faulty: false };
  }
  for (let slot = 0; slot < count; slot += 1) live(slot);

  async function heldBy(owners: readonly string[]): Promise<Hit[]> {
    const { rows } = await sql<Hit>`select id as move, claim, state, owner, coalesce(back = any(${[...BESIDE]}::text[]), false) as beside
      from move where owner = any(${[...owners]}::text[]) and state = any(${[...OPEN]}::text[]) order by id`.execute(store.db());
    return rows;
  }

  /**
   * What it had sent to the database is done: a flip that was on its way ends its move, and nobody takes that up.
   * A server's process that has something to read is awake before it says that it is active: who is found asleep, and
   * then says that it does nothing, has read all.
   */
  async function settled(owner: string): Promise<void> {
    for (;;) {
      const { rows: served } = await sql<{ pid: number }>`select pid from pg_stat_activity where application_name = ${owner}`.execute(store.db());
      const asleep = served.every(({ pid }) => isAsleep(pid));
      const { rows } = await sql<{ active: number }>`select count(*)::int as active from pg_stat_activity where application_name = ${owner} and state = 'active'`.execute(store.db());
      if (asleep && rows[0]!.active === 0) return;
      await sleep(1);
    }
  }

  /** One that works on somebody's move now, which is in `aim.state` if any is by then; which one, the schedule says. @returns undefined when none does */
  async function atWork(aim: Aim): Promise<[number, Life] | undefined> {
    const awake = lives.filter(({ faulty }) => !faulty).map(({ owner }) => owner);
    let held = new Set<string>();
    for (const until = performance.now() + AIM_MS; held.size === 0 && performance.now() < until; await sleep(5)) {
      held = new Set((await heldBy(awake)).filter(({ beside, state }) => !beside && state === aim.state).map(({ owner }) => owner));
    }
    if (held.size === 0) held = new Set((await heldBy(awake)).filter(({ beside, state }) => !beside && state !== 'queued').map(({ owner }) => owner));
    const busy = [...lives.entries()].filter(([, { owner }]) => held.has(owner));
    return busy[aim.which % busy.length];
  }

  return {
    /** SIGKILL to one at work; another life takes its place. @returns what it held when it was gone; undefined when none was at work */
    async kill(aim: Aim): Promise<Hit[] | undefined> {
      const found = await atWork(aim);
      if (found === undefined) return undefined;
      const [slot, life] = found;
      life.faulty = true;
      const gone = new Promise((done) => life.process.once('exit', done));
      life.process.kill('SIGKILL');
      await gone;
      await settled(life.owner);
      const hits = await heldBy([life.owner]);
      await store.transaction((tx) => releaseClaims(tx, [life.owner]));
      live(slot);
      return hits;
    },

    /**
     * SIGSTOP to one at work until others have taken all that it held and `sleepsOnMs` more, then SIGCONT.
     * @returns what it held; undefined when none was at work, or too few are left to take over. `woken` resolves after it was continued.
     */
    async stop(aim: Aim, sleepsOnMs: number): Promise<{ hits: Hit[]; woken: Promise<void> } | undefined> {
      if (lives.filter(({ faulty }) => !faulty).length <= ALWAYS_AWAKE) return undefined;
      const found = await atWork(aim);
      if (found === undefined) return undefined;
      const [, life] = found;
      life.faulty = true;
      life.process.kill('SIGSTOP');
      while (!/^State:\s+T/m.test(readFileSync(`/proc/${life.process.pid}/status`, 'utf8'))) await sleep(1);
      await settled(life.owner);
      const hits = await heldBy([life.owner]);
      const wake = async (): Promise<void> => {
        const until = performance.now() + TAKEN_WITHIN_MS;
        while ((await heldBy([life.owner])).length > 0) {
          if (performance.now() > until) throw new Error(`nobody took over from ${life.owner}: ${JSON.stringify(hits)}`);
          await sleep(50);
        }
        await sleep(sleepsOnMs);
        life.process.kill('SIGCONT');
        // Twice round its loop: what it still had to write when it was stopped, if anything, is written.
        for (let turn = 0; turn < 2; turn += 1) {
          const turned = new Promise((done) => life.process.once('message', done));
          life.process.send('turn');
          await turned;
        }
        life.faulty = false;
      };
      const woken = wake();
      // Awaited at the end of the way; until then a failure is nobody's.
      woken.catch(() => {});
      return { hits, woken };
    },

    log: () => log,

    async takings(): Promise<Taking[]> {
      return (await sql<Taking>`select move, claim, owner from taken`.execute(store.db())).rows;
    },

    /** Asks all to end. @returns those that ended in another way than by being asked, or killed here */
    async end(): Promise<string[]> {
      if (ending) return [];
      ending = true;
      const odd = await Promise.all(
        lives.map(async ({ owner, process: child }) => {
          if (child.exitCode === null && child.signalCode === null) {
            const gone = new Promise((done) => child.once('exit', done));
            child.kill('SIGCONT');
            child.kill('SIGTERM');
            await gone;
          }
          // One that was just born is ended by the signal itself.
          return child.exitCode === 0 || child.signalCode === 'SIGTERM' ? [] : [`${owner}: ${child.exitCode ?? child.signalCode}`];
        }),
      );
      return odd.flat();
    },
  };
}
export type Movers = ReturnType<typeof startMovers>;
