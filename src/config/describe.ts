import type { z } from 'zod';
import { nearest } from './nearest.ts';

/** Turns what zod found into words. Invariant: a value that may hold a secret is never repeated. */
export type Path = readonly PropertyKey[];

export type Description = {
  readonly path: Path;
  /** Whether the key itself is wrong, not its value. */
  readonly onKey: boolean;
  readonly message: string;
  readonly remedy?: string;
};

type Issue = z.core.$ZodIssue;

export function describeIssue(issue: Issue, whole: unknown, schema: z.ZodType): Description[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path, whole);
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      const expected = known.length === 0 ? 'no keys' : `one of ${known.join(', ')}`;
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
      return { path: [...path, key], onKey: true, message: `${dotted(path)}expected ${expected}, found the unknown key ${key}${hint}` };
    });
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0]?.message ?? 'expected another key';
    return [{ path, onKey: true, message: `${dotted(path.slice(0, -1))}${expected}, found ${JSON.stringify(String(path.at(-1)))}` }];
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The alternative that came nearest: the one whose first complaint lies deepest.
    const depth = (issues: readonly Issue[]): number => issues[0]?.path.length ?? 0;
    const best = issue.errors.reduce((a, b) => (depth(b) > depth(a) ? b : a));
    if (depth(best) > 0) {
      return best.flatMap((inner) => describeIssue({ ...inner, path: [...path, ...inner.path] }, whole, schema));
    }
  }
  const remedy = issue.code === 'custom' ? (issue.params?.['remedy'] as string | undefined) : undefined;
  // A custom check that says all itself speaks for itself.
  if (issue.code === 'custom' && !isExpectation(issue.message)) {
    return [{ path, onKey: false, message: `${dotted(path)}${issue.message}`, remedy }];
  }
  return [{ path, onKey: false, message: `${dotted(path)}${expectation(issue)}, found ${found(whole, path)}`, remedy }];
}

const isExpectation = (message: string): boolean => message.startsWith('expected ') && !message.includes(', found ');

function expectation(issue: Issue): string {
  if (issue.message.startsWith('expected ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${oneOf(issue.values)}`;
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? `expected ${oneOf(issue.options)}` : 'expected something else';
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unit(issue.origin)}`;
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unit(issue.origin)}`;
    default:
      return `expected something else (${issue.message})`;
  }
}

const TYPES: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

const unit = (origin: string): string => (origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : '');

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? String(values[0]) : `one of ${values.map(String).join(', ')}`;

const dotted = (path: Path): string => (path.length === 0 ? '' : `${pathText(path)}: `);

/** `platforms.old.entrances[0].kind` */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`),
    '',
  );
}

/** Keys whose value is not repeated: somebody may have written the secret itself there. */
const SENSITIVE = /pass|secret|url|key|token/i;

function found(whole: unknown, path: Path): string {
  let value = whole;
  for (const step of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[step];
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (path.some((step) => SENSITIVE.test(String(step)))) return 'something else';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
}

/** The keys that the mapping at `path` may have, looking through optional, default, transform and union. */
function keysAt(schema: unknown, path: Path, value: unknown): string[] {
  const [step, ...rest] = path;
  const inner = step === undefined ? undefined : (value as Record<PropertyKey, unknown> | undefined)?.[step];
  const keys = unwrap(schema, value).flatMap((def) => {
    if (def.type === 'object') {
      const shape = def.shape ?? {};
      if (step === undefined) return Object.keys(shape);
      return Object.hasOwn(shape, step) ? keysAt(shape[String(step)], rest, inner) : [];
    }
    if (step === undefined) return [];
    if (def.type === 'record') return keysAt(def.valueType, rest, inner);
    return def.type === 'array' ? keysAt(def.element, rest, inner) : [];
  });
  return [...new Set(keys)];
}

/** The parts of zod's own description of a schema that are looked at here. */
type Def = {
  readonly type: string;
  readonly shape?: Record<string, unknown>;
  readonly valueType?: unknown;
  readonly element?: unknown;
  readonly innerType?: unknown;
  readonly in?: unknown;
  readonly options?: readonly unknown[];
  /** Of a union: the key whose value tells which option is meant. */
  readonly discriminator?: string;
  /** Of a literal. */
  readonly values?: readonly unknown[];
};

const defOf = (schema: unknown): Def => (schema as { _zod: { def: Def } })._zod.def;

/** The mappings, lists and records that `value` may be meant to be. */
function unwrap(schema: unknown, value: unknown): Def[] {
  const def = defOf(schema);
  if (def.innerType !== undefined) return unwrap(def.innerType, value);
  if (def.type === 'pipe') return unwrap(def.in, value);
  if (def.type !== 'union') return [def];
  const options = (def.options ?? []).flatMap((option) => unwrap(option, value));
  const { discriminator } = def;
  if (discriminator === undefined) return options;
  const meant = (value as Record<string, unknown> | undefined)?.[discriminator];
  return options.filter((option) => {
    const literal = option.shape?.[discriminator];
    return literal !== undefined && (defOf(literal).values ?? []).includes(meant);
  });
}
