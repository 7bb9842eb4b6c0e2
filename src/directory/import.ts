/**
 * Accounts from a file. Invariant: everything is checked before anything is written; one wrong line and nothing is
 * imported. A message names file and line, and never shows a hash.
 */
import { readFile, stat } from 'node:fs/promises';
import { sql } from 'kysely';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Tx } from '#store/index.ts';
import { createAccounts } from './accounts.ts';
import type { NewAccount } from './accounts.ts';
import { parseCsv } from './csv.ts';
import { clearSecret } from './hash-scheme.ts';
import { checkRow, type Column, COLUMNS, type ImportRow, printable, type RowOptions, wrong } from './import-row.ts';
import { parsePasswdFile } from './passwd-file.ts';

export type ImportFormat = 'csv' | 'passwd-file';

export type ImportOptions = RowOptions & {
  readonly format: ImportFormat;
  /** passwd-file: the platform on which the accounts live. */
  readonly platform?: string;
};

/** CSV: what the header must name. */
const REQUIRED: readonly Column[] = ['address', 'platform'];

/** 64 MiB: some 200,000 accounts, read whole to be checked whole. */
const FILE_LIMIT = 64 * 1024 * 1024;

/** CSV when the name ends in `.csv`, else Dovecot's passwd-file. */
export function formatOf(file: string): ImportFormat {
  return file.toLowerCase().endsWith('.csv') ? 'csv' : 'passwd-file';
}

/** Reads and checks a file. @throws CausewayError('input') for a file that cannot be read, and as `parseAccounts` */
export async function readAccountFile(path: string, options: Omit<ImportOptions, 'file'>): Promise<ImportRow[]> {
  try {
    const { size } = await stat(path);
    if (size > FILE_LIMIT) {
      throw new CausewayError('input', `the file has ${size} bytes, more than ${FILE_LIMIT}`, { place: path, remedy: 'split it' });
    }
    return parseAccounts(decode(await readFile(path), path), { ...options, file: path });
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    throw new CausewayError('input', `the file cannot be read: ${messageOf(error)}`, { place: path, cause: error });
  }
}

function decode(bytes: Buffer, file: string): string {
  try {
    // Drops a byte order mark too, which Excel writes.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new CausewayError('input', 'the file is not UTF-8', { place: file, remedy: 'save it as UTF-8', cause: error });
  }
}

/**
 * Reads and checks the text of a file.
 * @throws CausewayError('input') with `place` file:line for the first wrong line
 */
export function parseAccounts(text: string, options: ImportOptions): ImportRow[] {
  const rows = options.format === 'csv' ? csvRows(text, options) : passwdRows(text, options);
  refuseDoubles(rows, options.file);
  return rows;
}

/**
 * Creates the accounts of a checked file, all of them or, when one of their names is taken, none.
 * @returns their ids @throws CausewayError('input') naming file and line
 */
export async function importAccounts(
  tx: Tx,
  rows: readonly ImportRow[],
  by: { actor: string; file: string },
): Promise<number[]> {
  if (rows.some(({ clear }) => clear !== undefined)) throw new CausewayError('internal', 'secrets in clear are to be hashed first');
  await refuseTaken(tx, rows, by.file);
  return createAccounts(tx, rows.map(({ account }) => account), { actor: by.actor, source: by.file });
}

/**
 * Hashes what the file has in clear, a few at once.
 * @param makeHash of our own scheme; takes some 10 ms of a core
 */
export async function hashClear(rows: readonly ImportRow[], makeHash: (secret: string) => Promise<string>, atOnce: number): Promise<ImportRow[]> {
  const result = [...rows];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < result.length; index = next++) {
      const { line, account, clear } = result[index]!;
      if (clear !== undefined) result[index] = { line, account: { ...account, hash: { encoded: await makeHash(clear.reveal()), origin: 'imported' } } };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return result;
}

function csvRows(text: string, options: ImportOptions): ImportRow[] {
  const [header, ...records] = parseCsv(text, options.file);
  if (header === undefined) throw wrong(options.file, 1, 'the file is empty', `begin it with the header ${COLUMNS.join(',')}`);
  const columns = header.fields.map((field) => checkColumn(field.trim(), header.line, options.file));
  for (const [index, column] of columns.entries()) {
    if (columns.indexOf(column) < index) throw wrong(options.file, header.line, `the column ${column} is there twice`, 'remove one');
  }
  for (const column of REQUIRED) {
    if (!columns.includes(column)) {
      throw wrong(options.file, header.line, `the header has no column ${column}`, `the first line names the columns: ${COLUMNS.join(',')}`);
    }
  }
  return records.map(({ line, fields }) => {
    if (fields.length !== columns.length) {
      throw wrong(options.file, line, `${fields.length} fields, where the header has ${columns.length}`, 'put a field with a comma in it in double quotes');
    }
    const field = (column: Column): string => {
      const value = fields[columns.indexOf(column)] ?? '';
      // A space may be part of a secret.
      return column === 'hash' && clearSecret(value) !== undefined ? value : value.trim();
    };
    return checkRow(line, field, options);
  });
}

function checkColumn(name: string, line: number, file: string): Column {
  const column = COLUMNS.find((known) => known === name);
  if (column === undefined) throw wrong(file, line, `unknown column "${printable(name)}"`, `the columns are ${COLUMNS.join(', ')}; the first line must name them`);
  return column;
}

function passwdRows(text: string, options: ImportOptions): ImportRow[] {
  const platform = options.platform;
  if (platform === undefined) {
    throw new CausewayError('usage', 'a passwd-file does not say where its accounts live', { place: options.file, remedy: 'name the platform' });
  }
  return parsePasswdFile(text).map(({ line, user, password }) =>
    checkRow(line, (column) => (column === 'address' ? user : column === 'platform' ? platform : column === 'hash' ? password : ''), options),
  );
}

/** The three sets of names: within each, a name belongs to one account. */
const KINDS: readonly { kind: string; table: string; column: string; of: (account: NewAccount) => readonly string[] }[] = [
  { kind: 'address', table: 'account', column: 'address', of: ({ address }) => [address] },
  { kind: 'login name', table: 'login_name', column: 'name', of: ({ loginNames }) => loginNames ?? [] },
  { kind: 'recipient', table: 'recipient', column: 'address', of: ({ recipients }) => recipients ?? [] },
];

function linesByName(rows: readonly ImportRow[], of: (account: NewAccount) => readonly string[]): [string, number][] {
  return rows.flatMap(({ line, account }) => of(account).map((name): [string, number] => [name, line]));
}

function refuseDoubles(rows: readonly ImportRow[], file: string): void {
  for (const { kind, of } of KINDS) {
    const seen = new Map<string, number>();
    for (const [name, line] of linesByName(rows, of)) {
      const first = seen.get(name);
      if (first !== undefined) throw wrong(file, line, `the ${kind} ${name} is on line ${first} already`, 'each belongs to one account');
      seen.set(name, line);
    }
  }
}

async function refuseTaken(tx: Tx, rows: readonly ImportRow[], file: string): Promise<void> {
  for (const { kind, table, column, of } of KINDS) {
    const lines = new Map(linesByName(rows, of));
    const { rows: taken } = await sql<{ name: string }>`
      select ${sql.ref(column)} as name from ${sql.table(table)}
      where ${sql.ref(column)} = any(${[...lines.keys()]}::text[])
    `.execute(tx.db());
    const first = taken.map(({ name }) => ({ name, line: lines.get(name) ?? 0 })).sort((a, b) => a.line - b.line)[0];
    if (first === undefined) continue;
    const more = taken.length > 1 ? ` (and ${taken.length - 1} more)` : '';
    throw wrong(file, first.line, `the ${kind} ${first.name} belongs to an account already${more}`, 'remove what was imported before');
  }
}
