/**
 * The data folder of an instance: who runs on it, where to reach it, and its name.
 *
 * Invariants: one `serve` at a time; files are replaced whole, so that a reader never sees half of one; the folder is
 * its owner's alone.
 */
import { createHash, randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Connection } from '#store/index.ts';
import type { ProcessId } from './processes.ts';

/** The keys of `listen` that may have a port. */
export const LISTENERS = ['imap', 'imaps', 'pop3', 'pop3s', 'submission', 'submissions', 'sieve', 'lmtp', 'sasl', 'authHttp', 'api', 'selfcare', 'webmail', 'office', 'status'] as const;
export type Listener = (typeof LISTENERS)[number];

/** What a running `serve` tells of itself in `run.json`. */
export type RunFile = {
  readonly serve: ProcessId;
  readonly children: readonly (ProcessId & { readonly role: string })[];
  readonly instance: string;
  readonly config: string;
  readonly database: Connection;
  readonly ports: { readonly [Name in Listener]?: number };
  readonly platforms: readonly string[];
  /** Whether its ports are open. */
  readonly ready: boolean;
};

export const RUN_FILE = 'run.json';

/** Makes the folder, and proves that it can be written. @throws CausewayError `config` */
export function prepareDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    accessSync(folder, constants.W_OK | constants.X_OK);
    // Room for what a start must write: one block proves a full disk before anything is half done.
    const probe = join(folder, '.probe');
    writeFileSync(probe, Buffer.alloc(65_536));
    rmSync(probe);
  } catch (cause) {
    throw folderFailure(cause, folder);
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Whether the system refused a file in a way that the operator can mend. */
export function isFolderFailure(error: unknown): boolean {
  return !(error instanceof CausewayError) && error instanceof Error && 'code' in error && (FULL.has(String(error.code)) || FORBIDDEN.has(String(error.code)));
}

export function folderFailure(cause: unknown, folder: string): CausewayError {
  const full = cause instanceof Error && 'code' in cause && FULL.has(String(cause.code));
  return new CausewayError('config', `cannot use the data folder: ${messageOf(cause)}`, {
    place: folder,
    remedy: full ? 'The disk is full: make room, or name another folder under "data".' : 'Name a folder under "data" that this user may write.',
    cause,
  });
}

/**
 * Holds the folder for this process until it ends, however it ends: a socket in the abstract namespace, which the
 * kernel takes back by itself.
 */
export async function holdDataFolder(folder: string): Promise<void> {
  const name = `causeway-${process.getuid?.() ?? 0}-${createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 24)}`;
  const server = createServer((socket) => socket.destroy()).unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new CausewayError('conflict', 'another causeway serve runs on this data folder', {
          place: folder,
          remedy: 'Stop it first, or name another folder under "data".',
          cause,
        }),
      );
    });
    server.listen(`\0${name}`, resolve);
  });
}

/** The instance's lasting name: from the configuration's name, made unique once. */
export function instanceId(folder: string, name: string): string {
  const file = join(folder, 'instance');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const id = `${name}-${randomUUID().slice(0, 8)}`;
  replaceFile(file, id);
  return id;
}

export function readRunFile(folder: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, RUN_FILE), 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
}

/** A file that could not be replaced keeps its old words: the next start ends fewer leftovers, and nothing else. */
export function writeRunFile(folder: string, run: RunFile): void {
  replaceFile(join(folder, RUN_FILE), `${JSON.stringify(run, null, 2)}\n`);
}

export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
