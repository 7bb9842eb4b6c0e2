/**
 * One account's scripts, as files: `<folder>/<user>/sieve/<name>.sieve`, and a symbolic link `active` to the one that is
 * active, as Dovecot has it.
 *
 * Invariants: a script is replaced whole (tmp, rename). The name from the network is encoded, so none can leave the
 * folder. What another process changes is seen: nothing is kept in memory.
 */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CausewayError } from '#errors/index.ts';

/** RFC 5804 section 1.6 asks for 128 characters; with the suffix no encoded name is too long for a file's. */
const MOST_NAME_BYTES = 240;
const SUFFIX = '.sieve';
const ACTIVE = 'active';

export type Scripts = {
  /** In alphabetical order. */
  names(): string[];
  active(): string | undefined;
  /** @throws CausewayError `not-found`, as all that take a name of a script that must be there */
  read(name: string): Buffer;
  has(name: string): boolean;
  write(name: string, script: Buffer): void;
  /** Undefined: none is. */
  activate(name: string | undefined): void;
  /** @throws CausewayError `conflict` when it is active */
  remove(name: string): void;
  /** @throws CausewayError `conflict` when the new name is taken */
  rename(from: string, to: string): void;
};

export function openScripts(directory: string): Scripts {
  const active = join(directory, ACTIVE);
  const pathOf = (name: string): string => join(directory, fileOf(name));

  const names = (): string[] => {
    mkdirSync(directory, { recursive: true });
    return readdirSync(directory).filter((file) => file.endsWith(SUFFIX)).map(nameOf).sort();
  };
  const has = (name: string): boolean => names().includes(name);
  const mustExist = (name: string): string => {
    if (!has(name)) throw new CausewayError('not-found', 'There is no such script.');
    return pathOf(name);
  };
  const activeName = (): string | undefined => {
    try {
      return nameOf(readlinkSync(active));
    } catch {
      return undefined;
    }
  };
  const link = (name: string): void => {
    rmSync(`${active}.new`, { force: true });
    symlinkSync(fileOf(name), `${active}.new`);
    renameSync(`${active}.new`, active);
  };

  return {
    names,
    has,
    active: activeName,
    read: (name) => readFileSync(mustExist(name)),
    write(name, script) {
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, 'new'), script, { mode: 0o600 });
      renameSync(join(directory, 'new'), pathOf(name));
    },
    activate(name) {
      if (name === undefined) return rmSync(active, { force: true });
      mustExist(name);
      link(name);
    },
    remove(name) {
      const path = mustExist(name);
      if (activeName() === name) throw new CausewayError('conflict', 'The script is active.');
      rmSync(path);
    },
    rename(from, to) {
      const path = mustExist(from);
      if (has(to)) throw new CausewayError('conflict', 'There is a script of that name.');
      // The link first leads nowhere, then to the script again; it never leads to another one.
      if (activeName() === from) link(to);
      renameSync(path, pathOf(to));
    },
  };
}

/** @throws CausewayError `input` for a name that no script may have */
function fileOf(name: string): string {
  // RFC 5804 section 1.6: no control characters.
  const encoded = /^\P{Cc}+$/u.test(name) ? encodeURIComponent(name) : '';
  if (encoded === '' || encoded.length > MOST_NAME_BYTES) throw new CausewayError('input', 'That cannot be the name of a script.');
  return `${encoded}${SUFFIX}`;
}

function nameOf(file: string): string {
  return decodeURIComponent(file.slice(0, -SUFFIX.length));
}
