/**
 * The mover beside the tools that a provider would use: one corpus, two real Dovecots, the tools in turn. See
 * bench/README.md.
 *
 * Invariants: each tool has a mailbox of its own at the target and sees the same source; what it lost, altered or
 * doubled is judged after every run by what both sides hold on the disk. Only processes that were started here are ended.
 */
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClosing } from '../closing.ts';
import { commandLine, JSON_LINE, number, numbers, file, QUICK, some } from '../command-line.ts';
import { end, toldPort } from '../fronts/front.ts';
import { changeSource } from './change.ts';
import { LARGE, SMALL, writeCorpus } from './corpus.ts';
import { startMailStore, type MailStore } from './dovecot.ts';
import { fetchAndDrop, fiftyFloorSeconds, floorSeconds } from './floor.ts';
import { fsyncsIn } from './fsyncs.ts';
import { judge, type Kept, latestLife, readAccount, type Verdict } from './judge.ts';
import { picture } from './picture.ts';
import { type Row, table } from './table.ts';
import { touchMemory } from './touch.ts';
import { type Job, onPath, type Starter, STARTERS, type Tool, type ToolName } from './tools.ts';

const options = commandLine('mover', 'One corpus, two real Dovecots, the tools in turn: time, CPU, memory, and what each lost or altered.', {
  tools: some('who takes part', Object.keys(STARTERS) as ToolName[], ['causeway', 'mbsync', 'dsync']),
  cases: some('what is measured', ['full', 'read-back', 'no-change', 'changed', 'fifty']),
  storage: some('where the target lies', ['tmpfs', 'disk'], ['tmpfs']),
  rtt: numbers('ms to each server and back', [0, 40]),
  rounds: number('of each case', 1),
  picture: file('where a picture goes'),
  profile: file('a folder for CPU profiles of Causeway'),
  quick: QUICK,
  json: JSON_LINE,
});
const { cases } = options;
const corpus = options.quick ? { ...LARGE, messages: 1_000, bytes: 35_300_000 } : LARGE;
const SMALL_USERS = Array.from({ length: options.quick ? 5 : 50 }, (_, n) => `small${n}`);
/** What a tool that lasts has carried before, and the small ones: until then V8 still compiles. */
const WARM = { ...LARGE, messages: 2_000, bytes: 40_000_000 };
/** At once, of the fifty: where dsync and mbsync are fastest. */
const AT_ONCE = 8;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const closing = createClosing();
const { closers } = closing;
const shm = newFolder('/dev/shm');

try {
  const { rows, floorS, fiftyFloorS } = await run();
  process.stdout.write(`${table(rows)}\n`);
  if (floorS !== null) process.stdout.write(`floor: MULTIAPPEND alone, one connection: ${floorS.toFixed(2)} s\n`);
  if (fiftyFloorS !== null) process.stdout.write(`floor of the fifty: a session on each side of an account, ${AT_ONCE} accounts at once, at 0 ms: ${fiftyFloorS.toFixed(2)} s\n`);
  if (options.picture !== undefined) writeFileSync(options.picture, picture(rows));
  if (options.json) process.stdout.write(`${JSON.stringify({ floorS, fiftyFloorS, rows })}\n`);
} catch (error) {
  if (!closing.interrupted) say(`bench:mover: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  await closing.close();
  process.exit();
}

function newFolder(base: string): string {
  const folder = mkdtempSync(join(base, 'causeway-mover-'));
  // Dovecot's own user must be able to enter.
  chmodSync(folder, 0o755);
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function relayTo(port: number, rttMs: number): Promise<number> {
  if (rttMs === 0) return port;
  const relay = fork(join(import.meta.dirname, 'relay.ts'), [String(port), String(rttMs)]);
  closers.push(() => end(relay));
  return toldPort(relay);
}

async function run(): Promise<{ rows: Row[]; floorS: number | null; fiftyFloorS: number | null }> {
  const rows: Row[] = [];
  say('writing the corpus');
  const source = await startMailStore(join(shm, 'source'), '%n');
  closers.push(() => source.stop());
  say(JSON.stringify(writeCorpus(source.maildir('large'), corpus, 1)));
  for (const [n, user] of SMALL_USERS.entries()) writeCorpus(source.maildir(user), SMALL, 100 + n);
  writeCorpus(source.maildir('warm'), WARM, 2);
  // Dovecot takes a new mailbox's UIDVALIDITY from the clock, or the number after the account's last: as in life, the
  // source's are older than the target's.
  let latest = 0;
  for (const user of ['large', 'warm', ...SMALL_USERS]) {
    latest = Math.max(latest, await latestLife(source.port, `${user}@source.example`));
  }
  // The first look at a mailbox, which writes its index, belongs to nobody.
  for (const user of SMALL_USERS) await fetchAndDrop(source.port, `${user}@source.example`);
  await new Promise((wake) => setTimeout(wake, Math.max(0, (latest + 1) * 1_000 - Date.now())));

  const floorOf = async (name: (typeof cases)[number], seconds: (target: number) => Promise<number>): Promise<number | null> => {
    if (!cases.includes(name)) return null;
    const store = await startMailStore(join(shm, 'floor'), '%u');
    touchMemory(join(shm, 'touched'));
    const floor = await seconds(store.port);
    await store.stop();
    rmSync(join(shm, 'floor'), { recursive: true, force: true });
    say(`floor of ${name}: ${floor.toFixed(2)} s`);
    return floor;
  };
  const floorS = await floorOf('full', (target) => floorSeconds(target, 'large@floor.example', source.maildir('large')));
  const fiftyFloorS = await floorOf('fifty', (target) => fiftyFloorSeconds(source, target, SMALL_USERS, AT_ONCE));
  for (const storage of options.storage) {
    const counted = onPath('strace') ? await turn(source, storage, 0, true) : [];
    const countOf = (row: Row): number | null => counted.find((other) => other.tool === row.tool && other.case === row.case)?.fsyncs ?? null;
    for (const rttMs of options.rtt) {
      rows.push(...(await turn(source, storage, rttMs, false)).map((row) => ({ ...row, fsyncs: countOf(row) })));
    }
  }
  return { rows, floorS, fiftyFloorS };
}

/** All tools and cases on one storage with one round trip. @param counting a turn in which fsyncs are counted, and nothing is timed */
async function turn(source: MailStore, storage: 'tmpfs' | 'disk', rttMs: number, counting: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  const folder = newFolder(storage === 'tmpfs' ? '/dev/shm' : tmpdir());
  const traces = { target: join(folder, 'target.trace'), tools: join(folder, 'tools.trace') };
  const target = await startMailStore(join(folder, 'target'), '%u', counting ? traces.target : undefined);
  closers.push(() => target.stop());
  const ports = { source: await relayTo(source.port, rttMs), target: await relayTo(target.port, rttMs) };
  const tools: Tool[] = [];
  for (const name of options.tools) {
    const starter: Starter = STARTERS[name];
    const platforms = [[`source-${rttMs}`, ports.source], [`target-${rttMs}`, ports.target]] as const;
    const tool = await starter({ folder: join(folder, name), target, platforms, ...(options.profile === undefined || counting ? {} : { profile: options.profile }), ...(counting ? { counted: traces.tools } : {}) });
    if (tool === undefined) {
      say(`${name} is not here`);
      continue;
    }
    closers.push(() => tool.stop());
    tools.push(tool);
    if (!tool.lasts) continue;
    for (const users of [['warm'], SMALL_USERS].map((names) => names.map((user) => `${user}@warm-${rttMs}.example`))) {
      await tool.run({ users, first: true, atOnce: AT_ONCE, readBack: true, rttMs, ...ports });
      for (const user of users) rmSync(join(target.maildir(user), '..'), { recursive: true, force: true });
    }
  }

  // The source is read again only after it was changed.
  const known = new Map<string, Kept[]>();
  const sourceOf = async (user: string): Promise<Kept[]> => {
    const name = user.replace(/@.*/, '');
    const kept = known.get(name) ?? (await readAccount(source.port, user));
    known.set(name, kept);
    return kept;
  };
  const once = async (tool: Tool, name: string, job: Pick<Job, 'users' | 'first' | 'atOnce'>): Promise<void> => {
    const before = fsyncsIn(Object.values(traces));
    if (!counting) touchMemory(join(shm, 'touched'));
    const cost = await tool.run({ readBack: name === 'read-back', ...job, rttMs, ...ports });
    const verdicts: Verdict[] = [];
    for (const user of job.users) verdicts.push(judge(await sourceOf(user), await readAccount(target.port, user)));
    const sum = (of: (verdict: Verdict) => number): number => verdicts.reduce((total, verdict) => total + of(verdict), 0);
    const row: Row = { tool: tool.name, case: name, storage, rttMs, ...cost, fsyncs: counting ? fsyncsIn(Object.values(traces)) - before : null, lost: sum(({ lost }) => lost), altered: sum(({ altered }) => altered), doubled: sum(({ doubled }) => doubled) };
    rows.push(row);
    say(counting ? `${row.tool}, ${row.case}: ${row.fsyncs} fsyncs` : JSON.stringify(row));
  };
  for (let round = 0; round < (counting ? 1 : options.rounds); round += 1) {
    const large = (tool: Tool): string[] => [`large@${tool.name}-${rttMs}-${round}.example`];
    if (cases.some((name) => ['full', 'no-change', 'changed'].includes(name))) for (const tool of tools) await once(tool, 'full', { users: large(tool), first: true, atOnce: 1 });
    const causeway = tools.find(({ name }) => name === 'causeway');
    if (cases.includes('read-back') && causeway !== undefined) {
      const user = `large@read-back-${rttMs}-${round}.example`;
      await once(causeway, 'read-back', { users: [user], first: true, atOnce: 1 });
      rmSync(join(target.maildir(user), '..'), { recursive: true, force: true });
    }
    if (cases.includes('no-change')) for (const tool of tools) await once(tool, 'no-change', { users: large(tool), first: false, atOnce: 1 });
    if (cases.includes('changed')) {
      await changeSource(source.port, `large@source.example`, round + rttMs);
      known.clear();
      for (const tool of tools) await once(tool, 'changed', { users: large(tool), first: false, atOnce: 1 });
    }
    if (cases.includes('fifty')) {
      for (const tool of tools) {
        const users = SMALL_USERS.map((user) => `${user}@${tool.name}-${rttMs}-${round}.example`);
        await once(tool, 'fifty', { users, first: true, atOnce: AT_ONCE });
      }
    }
    for (const tool of tools) for (const user of large(tool)) rmSync(join(target.maildir(user), '..'), { recursive: true, force: true });
  }
  for (const tool of tools) await tool.stop();
  await target.stop();
  return rows;
}

