import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node, Pair } from 'yaml';
import { messageOf } from '#errors/index.ts';
import type { z } from 'zod';
import { describeIssue } from './describe.ts';
import type { Path } from './describe.ts';
import { mistakesError } from './mistake.ts';
import type { Mistake } from './mistake.ts';

/** A plan may list an address a line for 100,000 accounts (4 MB); what is larger was not written for us. */
const LARGEST = 16 * 1024 * 1024;

/**
 * Reads YAML and checks it against `schema`. A message of the schema's own should begin with `expected `; what was
 * found and where is added here.
 * @param file only for the messages
 * @throws CausewayError(`code`) that tells every mistake with line, column and key path
 */
export function parseYaml<S extends z.ZodType>(
  file: string,
  text: string,
  schema: S,
  code: 'config' | 'input' = 'config',
): z.output<S> {
  const fail = (mistakes: readonly Mistake[]): never => {
    throw mistakesError(file, mistakes, code);
  };
  if (text.length > LARGEST) fail([{ line: 1, column: 1, message: `expected at most ${LARGEST} characters, found ${text.length}` }]);

  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) fail(faults.map((fault) => ({ ...at(fault.pos[0]), message: fault.message })));

  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // Aliases that multiply without end, or that name no anchor.
    return fail([{ line: 1, column: 1, message: messageOf(error) }]);
  }
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  // A misspelt key comes before the right one that is missing at the same place.
  const isKey = (issue: z.core.$ZodIssue): number => (issue.code === 'unrecognized_keys' ? 0 : 1);
  return fail(
    result.error.issues.toSorted((a, b) => isKey(a) - isKey(b)).flatMap((issue) =>
      describeIssue(issue, value, schema).map(({ path, onKey, message, remedy }) => ({
        ...at(offsetOf(document, path, onKey)),
        message,
        remedy,
      })),
    ),
  );
}

/** The offset of the value at `path`, of its key with `onKey`, or of the nearest key above it where there is none. */
function offsetOf(document: Document, path: Path, onKey: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === String(step)) as
        | Pair<Node, Node | null>
        | undefined;
      if (pair === undefined) return offset;
      const last = index === path.length - 1;
      offset = startOf(last && !onKey ? (pair.value ?? pair.key) : pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      if (item === undefined) return offset;
      offset = startOf(item) ?? offset;
      node = item;
    } else {
      return offset;
    }
  }
  return offset;
}

const startOf = (node: unknown): number | undefined => (node as { range?: [number, number, number] } | null)?.range?.[0];
