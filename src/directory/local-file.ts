/**
 * A file of checked lines: `crc32 json\n`, appended to or replaced as a whole.
 *
 * Invariants: when `append` or `replace` resolves, the bytes are on the disk (fsync), and for a replaced file its
 * name too. Each append is one line, so that a crash leaves all of it or nothing that reads as a line. After a failed
 * append the file still ends where it ended before; when that cannot be had (a failed fsync may have lost pages for
 * good), appending is refused until `replace` succeeded. Readable by its owner only: it holds password hashes.
 */
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { CausewayError, messageOf } from '#errors/index.ts';

export type LocalFile = {
  readonly path: string;
  /** All lines; undefined when there is no file. A torn last line is left out. @throws CausewayError('check-failed') */
  read(): Promise<unknown[] | undefined>;
  /** Writes a new file and puts it in the place of the old one. @throws CausewayError('unavailable') */
  replace(lines: Iterable<unknown>): Promise<void>;
  /** @throws CausewayError('unavailable') */
  append(line: unknown): Promise<void>;
  /** True when nothing can be appended before a `replace`. */
  mustReplace(): boolean;
  /** Bytes that were appended since the last replace. */
  appended(): number;
  close(): Promise<void>;
};

/** Calls must not overlap: the caller takes turns. */
export function createLocalFile(path: string): LocalFile {
  let handle: FileHandle | undefined;
  let length = 0;
  let appended = 0;

  const failed = (error: unknown): CausewayError =>
    new CausewayError('unavailable', `the file cannot be written: ${messageOf(error)}`, {
      place: path,
      remedy: 'make room on the disk, or let the service write there',
      cause: error,
    });

  const drop = async (): Promise<void> => {
    const old = handle;
    handle = undefined;
    await old?.close().catch(() => {});
  };

  return {
    path,
    async read() {
      let bytes: Buffer;
      try {
        bytes = await readFile(path);
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw new CausewayError('unavailable', `the file cannot be read: ${messageOf(error)}`, { place: path, cause: error });
      }
      return decodeLines(bytes, path);
    },
    async replace(lines) {
      const next = `${path}.new`;
      let written: FileHandle | undefined;
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await rm(next, { force: true });
        written = await open(next, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
        let size = 0;
        for (const line of lines) {
          const bytes = encodeLine(line);
          await written.writeFile(bytes);
          size += bytes.length;
        }
        await written.sync();
        await rename(next, path);
        await syncFolder(dirname(path));
        await drop();
        handle = written;
        length = size;
        appended = 0;
      } catch (error) {
        // The old file, if it still has its name, is as it was; the handle to it is good only if it was before.
        if (written !== undefined) await written.close().catch(() => {});
        await rm(next, { force: true }).catch(() => {});
        await drop();
        throw failed(error);
      }
    },
    async append(line) {
      if (handle === undefined) throw failed(new Error('it must be written anew first'));
      const bytes = encodeLine(line);
      try {
        await writeAt(handle, bytes, length);
      } catch (error) {
        await handle.truncate(length).catch(drop);
        throw failed(error);
      }
      try {
        await handle.datasync();
      } catch (error) {
        await drop();
        throw failed(error);
      }
      length += bytes.length;
      appended += bytes.length;
    },
    mustReplace: () => handle === undefined,
    appended: () => appended,
    close: drop,
  };
}

async function writeAt(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `crc32 json\n`, the checksum in eight hexadecimal digits over the JSON's bytes. */
export function encodeLine(line: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(line));
  return Buffer.concat([Buffer.from(`${checksum(json)} `), json, Buffer.from('\n')]);
}

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

/** The lines of a file's bytes. A bad last line is a torn one and left out; any other is damage. */
export function decodeLines(bytes: Buffer, place: string): unknown[] {
  const lines: unknown[] = [];
  let number = 1;
  for (let at = 0; at < bytes.length; number += 1) {
    const end = bytes.indexOf(0x0a, at);
    const line = end < 0 ? undefined : decodeLine(bytes.subarray(at, end));
    if (line === undefined) {
      if (end < 0 || end === bytes.length - 1) return lines;
      throw new CausewayError('check-failed', 'the line does not match its checksum: the file is damaged', {
        place: `${place}:${number}`,
        remedy: 'start with the store reachable: the file is then written anew',
      });
    }
    lines.push(line.value);
    at = end + 1;
  }
  return lines;
}

function decodeLine(line: Buffer): { value: unknown } | undefined {
  if (line.length < 10 || line[8] !== 0x20) return undefined;
  const json = line.subarray(9);
  if (line.toString('latin1', 0, 8) !== checksum(json)) return undefined;
  try {
    return { value: JSON.parse(json.toString('utf8')) };
  } catch {
    return undefined;
  }
}
