/**
 * A bench's command line: its options with what each is for, told by `--help`, and read.
 *
 * Invariant: nothing is begun with an option that is unknown or cannot be read: that is told in one line, with exit
 * status 64.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CausewayError, exitStatus, explain } from '#errors/index.ts';

export type Option<T> = {
  readonly about: string;
  /** What stands behind it in the help; an option without one takes no value. */
  readonly value?: string;
  /** @throws CausewayError `usage` */
  read(given: string | undefined, name: string): T;
};

export const flag = (about: string): Option<boolean> => ({ about, read: (given) => given !== undefined });

/** An absolute path. */
export const file = <T extends string | undefined = undefined>(about: string, usual?: T): Option<string | T> => ({
  about: aboutWith(about, usual),
  value: 'PATH',
  read: (given) => (given === undefined ? (usual as T) : resolve(given)),
});

export const number = <T extends number | undefined = undefined>(about: string, usual?: T): Option<number | T> => ({
  about: aboutWith(about, usual),
  value: 'N',
  read: (given, name) => (given === undefined ? (usual as T) : readNumber(given, name)),
});

/** With commas between. */
export const numbers = <T extends readonly number[] | undefined = undefined>(about: string, usual?: T): Option<readonly number[] | T> => ({
  about: aboutWith(about, usual?.join(',')),
  value: 'N,...',
  read: (given, name) => (given === undefined ? (usual as T) : given.split(',').map((one) => readNumber(one, name))),
});

/** Some of what there is, with commas between. */
export const some = <T extends string>(about: string, all: readonly T[], usual: readonly T[] = all): Option<readonly T[]> => ({
  about: aboutWith(`${about}: ${all.join(', ')}`, usual === all ? 'all' : usual.join(',')),
  value: 'NAME,...',
  read: (given, name) => (given === undefined ? usual : given.split(',').map((one) => readName(one, all, name))),
});

type Options = Readonly<Record<string, Option<unknown>>>;
type Values<T extends Options> = { readonly [Name in keyof T]: T[Name] extends Option<infer Value> ? Value : never };

/** For options that all benches with a short form have. */
export const QUICK = flag('a short form, to see that it works; its figures say little');
export const JSON_LINE = flag('a last line for programs');

/**
 * Reads the command line of `npm run bench:NAME`. Ends the process after `--help`, and where it cannot be read.
 *
 * @param about one sentence
 */
export function commandLine<T extends Options>(name: string, about: string, options: T): Values<T> {
  try {
    const { help, ...values } = read({ ...options, help: flag('this text') }, process.argv.slice(2));
    if (!help) return values as unknown as Values<T>;
    process.stdout.write(helpOf(name, about, options));
    process.exit();
  } catch (error) {
    process.stderr.write(`bench:${name}: ${explain(error)}\n  See: npm run bench:${name} -- --help\n`);
    process.exit(exitStatus(error));
  }
}

/** @throws CausewayError `usage` */
export function read<T extends Options>(options: T, words: readonly string[]): Values<T> {
  const kinds = Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const));
  const given = ((): Readonly<Record<string, unknown>> => {
    try {
      return parseArgs({ args: [...words], options: kinds }).values;
    } catch (error) {
      throw new CausewayError('usage', error instanceof Error ? error.message.replace(/\. To specify .*/s, '') : String(error));
    }
  })();
  return Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.read(given[name] === undefined ? undefined : String(given[name]), name)])) as Values<T>;
}

export function helpOf(name: string, about: string, options: Options): string {
  const lines = Object.entries(options).map(([option, { value, about: what }]) => [`--${option}${value === undefined ? '' : ` ${value}`}`, what] as const);
  const width = Math.max(...lines.map(([left]) => left.length));
  return `${about}\n\nnpm run bench:${name} -- [options]\n\n${lines.map(([left, what]) => `  ${left.padEnd(width)}  ${what}\n`).join('')}\nWhat is measured, and how: bench/README.md\n`;
}

const aboutWith = (about: string, usual: string | number | undefined): string => (usual === undefined ? about : `${about} (${usual})`);

function readNumber(given: string, name: string): number {
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(given)) throw new CausewayError('usage', `"${given}" is no number`, { place: `--${name}` });
  return Number(given);
}

function readName<T extends string>(given: string, all: readonly T[], name: string): T {
  const found = all.find((one) => one === given);
  if (found === undefined) throw new CausewayError('usage', `there is no "${given}"; there are ${all.join(', ')}`, { place: `--${name}` });
  return found;
}
