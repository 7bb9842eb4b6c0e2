import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { z } from 'zod';
import { deepFreeze } from './freeze.ts';
import type { Frozen } from './freeze.ts';
import { configSchema } from './schema.ts';
import { parseYaml } from './yaml.ts';

/** The configuration: one YAML file, checked as a whole before anything of it is used, and never changed after. */
type Parsed = z.output<ReturnType<typeof configSchema>>;
type ParsedPlatform = Parsed['platforms'][string];

export type EntranceConfig = Frozen<ParsedPlatform['entrances'][number]>;
export type PlatformConfig = Frozen<ParsedPlatform & { readonly name: string }>;
export type Config = Frozen<Omit<Parsed, 'platforms'>> & {
  /** The file's absolute path. */
  readonly file: string;
  readonly platforms: Readonly<Record<string, PlatformConfig>>;
};

/** @throws CausewayError('config') that names every mistake with its line, column and key */
export function loadConfig(file: string): Config {
  const path = resolve(file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CausewayError('config', `the configuration cannot be read: ${messageOf(error)}`, {
      place: path,
      remedy: 'give the file with -c FILE',
      cause: error,
    });
  }
  return parseConfig(path, text);
}

/** The same for a text; relative names in it start at the folder of `file`, which itself is not read. */
export function parseConfig(file: string, text: string): Config {
  const parsed = parseYaml(file, text, configSchema(dirname(resolve(file))));
  const platforms = Object.fromEntries(
    Object.entries(parsed.platforms).map(([name, platform]) => [name, { name, ...platform }]),
  );
  return deepFreeze({ ...parsed, file: resolve(file), platforms }) as Config;
}
