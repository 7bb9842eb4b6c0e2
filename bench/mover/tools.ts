/**
 * The tools, each as its makers tell to use it for carrying mail from one IMAP server to another.
 *
 * Invariant: what a tool remembers of its former runs lies on the same storage as the target.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LEAN } from '#mover/index.ts';
import { end } from '../fronts/front.ts';
import { traced } from './fsyncs.ts';
import { PASSWORD, type MailStore } from './dovecot.ts';
import { type Cost, measureCommands, measureLasting } from './measure.ts';
import type { Answer, Order, WorkerOrders } from './orders.ts';

/** What a tool is given: the ports are those of relays where there is a round trip. */
export type Job = {
  readonly users: readonly string[];
  readonly rttMs: number;
  readonly source: number;
  readonly target: number;
  /** Whether it is the first run for these users. */
  readonly first: boolean;
  readonly atOnce: number;
  /** Whether each copy is read back, by the tool that can. */
  readonly readBack: boolean;
};

export type Tool = {
  readonly name: string;
  /** Its process is there before the first account and after the last. */
  readonly lasts?: boolean;
  run(job: Job): Promise<Cost>;
  stop(): Promise<void>;
};

export type Setting = { readonly folder: string; readonly target: MailStore; readonly platforms: WorkerOrders['platforms']; readonly profile?: string; /** A file that its fsyncs are traced into. */ readonly counted?: string };

/** Undefined: the program is not there. */
export type Starter = (setting: Setting) => Promise<Tool | undefined>;

const nothing = async (): Promise<void> => {};

export function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

/** In a shell's command. */
function before(counted: string | undefined): string {
  return counted === undefined ? '' : `${traced(counted).join(' ')} `;
}

export const STARTERS = {
  async causeway({ folder, target, platforms, profile, counted }) {
    const binaries = join(folder, 'programs');
    for (const part of [folder, binaries]) mkdirSync(part, { recursive: true, mode: 0o755 });
    const orders: WorkerOrders = { folder: join(folder, 'data'), binaries, password: PASSWORD, platforms };
    mkdirSync(orders.folder, { mode: 0o755 });
    const child = fork(join(import.meta.dirname, 'mover-process.ts'), [JSON.stringify(orders)], {
      ...(counted === undefined ? {} : { execPath: 'strace' }),
      execArgv: [...(counted === undefined ? [] : [...traced(counted).slice(1), process.execPath]), ...LEAN.execArgv, ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])],
      env: { ...process.env, ...LEAN.env },
    });
    const postgres = await new Promise<number>((resolve, reject) => {
      child.once('message', (told) => resolve((told as { postgres: number }).postgres));
      child.once('exit', () => reject(new Error('the mover ended at its start')));
    });
    const tell = (order: Order): Promise<number> =>
      new Promise((resolve, reject) => {
        child.once('message', (told) => {
          const { error, seconds } = told as Answer;
          if (error === undefined) resolve(seconds);
          else reject(new Error(`causeway: ${error}`));
        });
        child.send(order);
      });
    return {
      name: 'causeway',
      lasts: true,
      async run({ users, rttMs, first, atOnce, readBack }) {
        const idle = new Promise<void>((resolve) => {
          const hear = (told: unknown): void => {
            if (told !== 'idle') return;
            child.off('message', hear);
            resolve();
          };
          child.on('message', hear);
        });
        const cost = await measureLasting([child.pid!, postgres], child.pid!, target.process.pid!, () =>
          tell(first ? { do: 'copy', accounts: users, source: `source-${rttMs}`, target: `target-${rttMs}`, atOnce, readBack: readBack ? 'all' : 'none' } : { do: 'again', accounts: users, atOnce }),
        );
        await idle;
        return cost;
      },
      async stop() {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.disconnect();
        await gone;
        await end(child);
      },
    };
  },

  async mbsync({ folder, target, counted }) {
    if (!onPath('mbsync')) return undefined;
    mkdirSync(folder, { recursive: true });
    return {
      name: 'mbsync',
      stop: nothing,
      run({ users, source, target: port, atOnce }) {
        const commands = users.map((user) => {
          const rc = join(folder, `${user}.rc`);
          const state = join(folder, `${user}.state`);
          mkdirSync(state, { recursive: true });
          const store = (name: string, at: number): string =>
            `IMAPAccount ${name}\nHost 127.0.0.1\nPort ${at}\nUser ${user}\nPass ${PASSWORD}\nSSLType None\nAuthMechs LOGIN\n\nIMAPStore ${name}\nAccount ${name}\n\n`;
          writeFileSync(rc, `${store('source', source)}${store('target', port)}Channel all\nFar :source:\nNear :target:\nPatterns *\nSync Pull\nCreate Near\nRemove Near\nExpunge Near\nCopyArrivalDate yes\nSyncState ${state}/\n`);
          return `${before(counted)}mbsync -q -c ${rc} all`;
        });
        return measureCommands(commands, atOnce, target.process.pid!);
      },
    };
  },

  async dsync({ folder, target, counted }) {
    if (!onPath('doveadm')) return undefined;
    mkdirSync(folder, { recursive: true });
    return {
      name: 'dsync',
      stop: nothing,
      run({ users, source, atOnce }) {
        const commands = users.map(
          (user) =>
            `${before(counted)}doveadm -c ${target.config} -o imapc_host=127.0.0.1 -o imapc_port=${source} -o imapc_user=${user} -o imapc_password=${PASSWORD} -o 'imapc_features=rfc822.size fetch-headers' -o mail_prefetch_count=20 -o mail_fsync=optimized backup -R -u ${user} imapc:`,
        );
        return measureCommands(commands, atOnce, target.process.pid!);
      },
    };
  },

  async offlineimap({ folder, target, counted }) {
    if (!onPath('offlineimap')) return undefined;
    mkdirSync(folder, { recursive: true });
    return {
      name: 'offlineimap',
      stop: nothing,
      run({ users, source, target: port, atOnce }) {
        const commands = users.map((user) => {
          const rc = join(folder, `${user}.rc`);
          const side = (name: string, at: number): string =>
            `[Repository ${name}]\ntype = IMAP\nremotehost = 127.0.0.1\nremoteport = ${at}\nremoteuser = ${user}\nremotepass = ${PASSWORD}\nssl = no\nstarttls = no\nauth_mechanisms = LOGIN\nmaxconnections = 4\n${name === 'source' ? 'readonly = True\n' : ''}\n`;
          writeFileSync(rc, `[general]\naccounts = all\nmetadata = ${folder}/${user}\nui = quiet\n\n[Account all]\nlocalrepository = target\nremoterepository = source\n\n${side('source', source)}${side('target', port)}`);
          return `${before(counted)}offlineimap -c ${rc} -o`;
        });
        return measureCommands(commands, atOnce, target.process.pid!);
      },
    };
  },

  async imapsync({ folder, target, counted }) {
    if (!onPath('imapsync')) return undefined;
    mkdirSync(folder, { recursive: true });
    return {
      name: 'imapsync',
      stop: nothing,
      run({ users, source, target: port, atOnce }) {
        const commands = users.map(
          (user) =>
            `${before(counted)}imapsync --host1 127.0.0.1 --port1 ${source} --user1 ${user} --password1 ${PASSWORD} --nossl1 --notls1 --host2 127.0.0.1 --port2 ${port} --user2 ${user} --password2 ${PASSWORD} --nossl2 --notls2 --nolog --pidfile ${folder}/${user}.pid --tmpdir ${folder}`,
        );
        return measureCommands(commands, atOnce, target.process.pid!);
      },
    };
  },
} satisfies Readonly<Record<string, Starter>>;

export type ToolName = keyof typeof STARTERS;
