/** What one run of one tool costs: wall, CPU and memory of the tool's processes, CPU of the target's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { eachAtOnce } from '../at-once.ts';
import { cpuSeconds } from '../fronts/processes.ts';

export type Cost = { readonly wallS: number; readonly cpuS: number; readonly targetCpuS: number; readonly rssMiB: number };

/** The processes of a command are looked at this often; the peaks are the kernel's own (VmHWM), only one that lives shorter is missed. */
const LOOK_MS = 40;

function peakKiB(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0; // it ended
  }
}

/** With all that descend from it. By the kernel's list of children: to go through all of /proc took a sixth of a core from those that are measured. */
function tree(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter((child) => child !== '');
    return [pid, ...children.flatMap((child) => tree(Number(child)))];
  } catch {
    return []; // it ended
  }
}

/** The largest process of a command. */
function watchMemory(root: number): () => number {
  let peak = 0;
  const look = (): void => {
    for (const pid of tree(root)) peak = Math.max(peak, peakKiB(pid));
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    look();
    return peak / 1024;
  };
}

/** Lasting processes: `work` is done by `own`, whose memory is that of `memory` alone. */
export async function measureLasting(own: readonly number[], memory: number, target: number, work: () => Promise<number>): Promise<Cost> {
  writeFileSync(`/proc/${memory}/clear_refs`, '5'); // the peak begins anew
  const before = [cpuSeconds(own), cpuSeconds([target])] as const;
  const wallS = await work();
  return { wallS, cpuS: cpuSeconds(own) - before[0], targetCpuS: cpuSeconds([target]) - before[1], rssMiB: peakKiB(memory) / 1024 };
}

/** Commands of one line each, some at once. A shell tells what each of them used, descendants included. */
export async function measureCommands(commands: readonly string[], atOnce: number, target: number, env: Record<string, string> = {}): Promise<Cost> {
  const before = cpuSeconds([target]);
  let cpuS = 0;
  let rssMiB = 0;
  const began = performance.now();
  await eachAtOnce(commands, atOnce, async (command) => {
    const used = await runCommand(command, env);
    cpuS += used.cpuS;
    rssMiB = Math.max(rssMiB, used.rssMiB);
  });
  return { wallS: (performance.now() - began) / 1_000, cpuS, targetCpuS: cpuSeconds([target]) - before, rssMiB };
}

async function runCommand(command: string, env: Record<string, string>): Promise<{ cpuS: number; rssMiB: number }> {
  const child: ChildProcess = spawn('bash', ['-c', `${command} 1>&2; code=$?; times; exit $code`], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const peak = watchMemory(child.pid!);
  let told = '';
  let said = '';
  child.stdout!.on('data', (chunk) => (told += String(chunk)));
  child.stderr!.on('data', (chunk) => (said = (said + String(chunk)).slice(-4_000)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const rssMiB = peak();
  if (code !== 0) throw new Error(`${command.slice(0, 80)} ended with ${String(code)}: ${said.slice(-1_000)}`);
  // bash's second line: user and system time of its children, as 0m1.234s.
  const [user = 0, system = 0] = (told.trim().split('\n').at(-1) ?? '').split(' ').map((time) => {
    const [, minutes = '0', seconds = '0'] = /(\d+)m([\d.]+)s/.exec(time) ?? [];
    return Number(minutes) * 60 + Number(seconds);
  });
  return { cpuS: user + system, rssMiB };
}
