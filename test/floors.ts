/**
 * The check of floors: a room imports only from lower floors, except within itself; there are no circles between
 * files; nothing below `cli` imports a room that is not on the plan. `import type` counts: a type from above is a
 * dependency on above. Tests are exempt. The pages (`web/`) have rules of their own.
 *
 * Run by itself it prints each violation and exits 1.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The house, floor by floor (docs/architecture.md). A room that is built later takes its place here. */
export const FLOORS: Readonly<Record<string, number>> = {
  errors: 0, events: 0, wire: 0, config: 0,
  net: 1, store: 1,
  directory: 2, incident: 2, imap: 2, pop3: 2, submission: 2, sieve: 2, http: 2, practice: 2,
  signin: 3, mover: 3, delivery: 3,
  gateway: 4, cutover: 4, provisioning: 4, selfcare: 4, staff: 4,
  rehearsal: 5, webmail: 5, desk: 5, console: 5, status: 5,
  context: 6,
  cli: 7,
};

/** `practice` stands for somebody else's platform, so it may know next to nothing of ours. */
const ONLY: Readonly<Record<string, readonly string[]>> = { practice: ['errors', 'events', 'wire', 'net'] };

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"\n]+)\1/g;

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.tsx?$/.test(entry.name) && !/\.?(test|testing)\.tsx?$/.test(entry.name)) yield path;
  }
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** Every breach in `src`, one readable line each. */
export function violations(src: string): string[] {
  const found: string[] = [];
  const graph = new Map<string, string[]>();
  for (const file of sources(src)) {
    const name = relative(src, file);
    const room = name.split(sep)[0]!;
    const floor = FLOORS[room];
    if (floor === undefined) {
      found.push(`${name}: room "${room}" is not on the plan`);
      continue;
    }
    const edges: string[] = [];
    for (const match of withoutComments(readFileSync(file, 'utf8')).matchAll(SPECIFIER)) {
      const specifier = match[2]!;
      const target = specifier.startsWith('#')
        ? join(src, specifier.slice(1))
        : specifier.startsWith('.')
          ? resolve(dirname(file), specifier)
          : undefined;
      if (target === undefined) continue;
      edges.push(target);
      const targetRoom = relative(src, target).split(sep)[0]!;
      if (targetRoom === room) continue;
      const targetFloor = FLOORS[targetRoom];
      if (targetFloor === undefined) found.push(`${name}: imports ${specifier}, which is in no room`);
      else if (targetRoom !== 'errors' && targetFloor >= floor) {
        found.push(`${name} (floor ${floor}) imports ${specifier} (floor ${targetFloor})`);
      } else if (ONLY[room] !== undefined && !ONLY[room].includes(targetRoom)) {
        found.push(`${name}: ${room} may import only ${ONLY[room].join(', ')}, not ${specifier}`);
      }
    }
    graph.set(file, edges);
  }
  return [...found, ...circles(graph).map((circle) => `circle: ${circle.map((f) => relative(src, f)).join(' -> ')}`)];
}

/** Of `web/`: the apps know of the server only what its rooms' `api.ts` describe, `ui` knows no app, and no app another. */
export function webViolations(web: string): string[] {
  const found: string[] = [];
  for (const file of sources(web)) {
    const name = relative(web, file);
    const app = name.split(sep)[0]!;
    if (app === 'dist' || !name.includes(sep)) continue;
    for (const [, , specifier = ''] of withoutComments(readFileSync(file, 'utf8')).matchAll(SPECIFIER)) {
      if (specifier.startsWith('#') && !specifier.startsWith('#ui/') && !/^#\w[\w/-]*\/api\.ts$/.test(specifier)) found.push(`web/${name} imports ${specifier}: of the server only api.ts`);
      if (specifier.startsWith('node:')) found.push(`web/${name} imports ${specifier}, which no browser has`);
      const target = specifier.startsWith('.') ? relative(web, resolve(dirname(file), specifier)).split(sep)[0]! : app;
      if (target !== app && target !== 'ui') found.push(`web/${name} imports ${specifier}, which is another app's`);
    }
  }
  return found;
}

function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const state = new Map<string, 'open' | 'done'>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    state.set(file, 'open');
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file);
  return found;
}

if (process.argv[1] === import.meta.filename) {
  const found = [...violations(resolve(import.meta.dirname, '../src')), ...webViolations(resolve(import.meta.dirname, '../web'))];
  for (const line of found) process.stderr.write(`floors: ${line}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
