/**
 * Our part of a script that others write in, too.
 *
 * Invariants: what others wrote is kept to the byte: taking our part out gives what was there before it was put in. Our
 * part is two blocks of lines, since `require` comes before all commands: one at the top, one behind the last `require`.
 * A block begins and ends with a mark that holds a digest of it, so no text in it can be its end, and a change by another
 * program is seen. What the page shows is in comments, as JSON in ASCII; the commands are made of it anew.
 */
import { createHash } from 'node:crypto';
import { CausewayError } from '#errors/index.ts';
import { type Part, partSchema } from './api.ts';
import type { Compiled } from './compile.ts';
import { endOfRequires, tokensOf } from './lexer.ts';

export type Read = {
  readonly part: Part;
  /** What others wrote. */
  readonly others: string;
  readonly edited: boolean;
};

const NOTHING: Part = { rules: [], vacation: null };
/** Characters of JSON in one line of comment. */
const CHUNK = 900;

const TOP = /^# --- causeway: rules made in webmail ([0-9a-f]{16}), please change them there ---\r?\n/;
const REST = /\r?\n# --- causeway: commands ([0-9a-f]{16}) ---\r?\n/;

type Block = { readonly tag: string; readonly inside: string; readonly without: string };

/** The first block that begins so, if it ends. */
function blockIn(script: string, begin: RegExp, endOf: (tag: string) => string): Block | undefined {
  const found = begin.exec(script);
  if (found === null) return undefined;
  const tag = found[1]!;
  const from = found.index + found[0].length;
  const mark = endOf(tag);
  for (let at = script.indexOf(mark, from); at !== -1; at = script.indexOf(mark, at + 1)) {
    const end = /^\r?\n/.exec(script.slice(at + mark.length, at + mark.length + 2));
    if (script[at - 1] === '\n' && end !== null) return { tag, inside: script.slice(from, at), without: script.slice(0, found.index) + script.slice(at + mark.length + end[0].length) };
  }
  return undefined;
}

export function readScript(script: string): Read {
  const top = blockIn(script, TOP, (tag) => `# --- causeway ${tag}: end ---`);
  if (top === undefined) return { part: NOTHING, others: script, edited: false };
  const rest = blockIn(top.without, REST, (tag) => `# --- causeway commands ${tag}: end ---`);
  const json = top.inside.split('\n').flatMap((line) => /^#= (.*?)\r?$/.exec(line)?.[1] ?? []).join('');
  const parsed = partSchema.safeParse(jsonOf(json));
  const edited = !parsed.success || rest?.tag !== top.tag || top.tag !== digest(top.inside, rest.inside);
  return { part: parsed.success ? parsed.data : NOTHING, others: rest?.without ?? top.without, edited };
}

/**
 * @param others a script of others, or ''
 * @throws CausewayError 'conflict' when it cannot be understood, or replies to absence as ours does
 */
export function writeScript(others: string, part: Part, { requires, commands }: Compiled): string {
  if (part.rules.length === 0 && part.vacation === null) return others;
  const tokens = tokensOf(others);
  if (tokens === undefined) throw new CausewayError('conflict', "the active script is none that we understand", { customerText: 'Your mail platform holds a script of another program that we do not understand. Please look at it in the editor of scripts.' });
  if (part.vacation?.isEnabled === true && tokens.some(({ kind, text }) => kind === 'identifier' && text.toLowerCase() === 'vacation')) {
    throw new CausewayError('conflict', 'the script of another program replies to absence', { customerText: 'Another program has set up an absence reply already. Please turn it off there first.' });
  }
  const json = JSON.stringify(part).replaceAll(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const shown = (json.match(new RegExp(`.{1,${CHUNK}}`, 'g')) ?? []).map((chunk) => `#= ${chunk}\n`).join('');
  const top = `${shown}${requires.length === 0 ? '' : `require [${requires.map((each) => `"${each}"`).join(', ')}];\n`}`;
  const tag = digest(top, commands);
  const at = endOfRequires(tokens);
  return `# --- causeway: rules made in webmail ${tag}, please change them there ---\n${top}# --- causeway ${tag}: end ---\n${others.slice(0, at)}\n# --- causeway: commands ${tag} ---\n${commands}# --- causeway commands ${tag}: end ---\n${others.slice(at)}`;
}

/** Other programs may write other ends of lines. */
const lf = (text: string): string => text.replaceAll('\r\n', '\n');

function digest(top: string, commands: string): string {
  return createHash('sha256').update(JSON.stringify([lf(top), lf(commands)])).digest('hex').slice(0, 16);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
