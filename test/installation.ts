/**
 * An installation of Causeway for a scenario: a folder with a configuration and secrets, and the real program, run as
 * an operator runs it.
 *
 * Invariant: only processes that were started here are ended, by their handles.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';

export const PROGRAM = resolve(import.meta.dirname, '../bin/causeway');

/** Puts something before a command, to run it elsewhere or as somebody else. */
export type Wrap = (command: readonly string[]) => readonly string[];
const plainly: Wrap = (command) => command;

export type Ended = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a command of the program to its end. */
export function causeway(args: readonly string[], wrap: Wrap = plainly): Promise<Ended> {
  const child = start(args, wrap);
  return child.ended;
}

/** An event of the log. */
export type Logged = { readonly time: string; readonly event: string } & Record<string, unknown>;

export type Running = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has logged until now. Lines that are no events are left out. */
  events(name?: string): Logged[];
  /** Waits for an event. @throws Error with the log when the process ends first or the time is over */
  event(name: string, withinMs?: number): Promise<Logged>;
  /** SIGTERM, and its end. */
  stop(): Promise<Ended>;
};

export function serve(config: string, wrap: Wrap = plainly): Running {
  return start(['serve', '-c', config], wrap);
}

/** Starting takes a second and makes the database in two; a busy machine takes twenty times as long. */
const EVENT_MS = 120_000;

function start(args: readonly string[], wrap: Wrap): Running {
  const [program, ...rest] = wrap([PROGRAM, ...args]);
  const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const ended = new Promise<Ended>((done, failed) => {
    child.once('error', failed);
    const end = (): void => done({ status: child.exitCode, stdout, stderr });
    child.once('close', end);
    // A process that was left behind would hold our pipe for ever; the test then finds it.
    child.once('exit', () => setTimeout(end, 1_000));
  });
  const events = (name?: string): Logged[] =>
    stderr
      .split('\n')
      // What follows the last line's end is a part of one.
      .slice(0, -1)
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Logged)
      .filter(({ event }) => name === undefined || event === name);
  return {
    child,
    ended,
    events,
    async event(name, withinMs = EVENT_MS) {
      const until = performance.now() + withinMs;
      for (;;) {
        const [found] = events(name);
        if (found !== undefined) return found;
        if (child.exitCode !== null || performance.now() > until) throw new Error(`no ${name} in:\n${stderr.slice(-4_000)}`);
        await sleep(50);
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return ended;
    },
  };
}

export type Installation = {
  readonly folder: string;
  readonly data: string;
  readonly config: string;
  file(name: string, text: string): string;
  /** Writes the configuration anew, as `install` does. */
  configure(changes: Readonly<Record<string, unknown>>): void;
  remove(): void;
};

/** What a practice platform may serve beside IMAP and LMTP, at its trusted ports too. */
export type Service = 'pop3' | 'submission' | 'sieve';
export type PlatformPorts = { readonly imapPort: number; readonly lmtpPort: number; readonly trustedPort: number } & { readonly [port in `${Service}Port` | `${Service}TrustedPort`]?: number };

/** What the practice platforms' trusted ports take, and the sentinel's account on both. */
export const TOKEN = 'let-me-in';
export const SENTINEL = { user: 'sentinel@isp.example', secret: 'still-here' };

/** At a platform on this machine, without TLS. */
export const plainService = (port: number | undefined): Readonly<Record<string, unknown>> => ({ host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true });

/** A practice platform as the configuration has it, with `services` beside IMAP and LMTP. */
export function platformSettings(ports: PlatformPorts, services: readonly Service[] = []): Readonly<Record<string, unknown>> {
  return {
    imap: plainService(ports.imapPort),
    ...Object.fromEntries(services.map((service) => [service, plainService(ports[`${service}Port`])])),
    lmtp: { host: '127.0.0.1', port: ports.lmtpPort },
    entrances: [
      { kind: 'trusted', port: ports.trustedPort, ...Object.fromEntries(services.map((service) => [`${service}Port`, ports[`${service}TrustedPort`]])), passwordFile: 'token' },
      { kind: 'replay' },
    ],
    sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
  };
}

/**
 * @param platforms the ports of each, by name
 * @param changes put over the configuration that works; `undefined` takes a key away
 */
export function install(platforms: Readonly<Record<string, PlatformPorts>>, changes: Readonly<Record<string, unknown>> = {}): Installation {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-scenario-'));
  // As root the database's own user must be able to enter.
  chmodSync(folder, 0o711);
  const data = join(folder, 'data');
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  file('token', TOKEN);
  file('sentinel', SENTINEL.secret);
  const loopback = { host: '127.0.0.1', port: 0 };
  const settings = {
    instance: 'scenario',
    data,
    listen: { imap: loopback, imaps: loopback, lmtp: loopback },
    workers: { gateway: 1, mover: 1 },
    platforms: Object.fromEntries(Object.entries(platforms).map(([name, ports]) => [name, platformSettings(ports)])),
  };
  // JSON drops what is undefined, and is what YAML's writer then gets.
  const configure = (over: Readonly<Record<string, unknown>>): string => file('causeway.yaml', stringify(JSON.parse(JSON.stringify({ ...settings, ...over }))));
  return { folder, data, config: configure(changes), file, configure, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * The processes that belong to a data folder, whoever started them: what serve wrote down, and all that have the
 * folder in their command line or as their working folder. A test that ends with some left has found something.
 */
export function processesOf(folder: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      if (line !== '' && (line.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder))) found.push(`${pid} ${line}`);
    } catch {
      // It ended while we looked, or is somebody else's.
    }
  }
  return found;
}

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
