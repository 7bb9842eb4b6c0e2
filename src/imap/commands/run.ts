import { CausewayError } from '#errors/index.ts';
import type { Engine } from '../engine/engine.ts';
import type { Untagged } from '../engine/in-flight.ts';
import type { Part } from '../engine/output.ts';
import type { Tagged } from '../refusal.ts';

/**
 * Any command. `command`: its text without the tag; a Buffer among the parts goes as a literal.
 * @param onData gets every untagged response that no earlier command in flight wants; what it throws, the call rejects
 *   with when the command has ended
 * Throws CausewayError 'input' on text with a line end or NUL in it: it would be two commands.
 */
export async function run(
  engine: Engine,
  command: string | readonly (string | Buffer)[],
  onData?: (response: Untagged) => void,
): Promise<Tagged> {
  const parts = typeof command === 'string' ? [command] : command;
  let thrown: { error: unknown } | undefined;
  const tagged = await engine.command({
    name: nameOf(parts),
    parts: checked(parts),
    wants: () => onData !== undefined,
    onData(response) {
      try {
        if (thrown === undefined) onData?.(response);
      } catch (error) {
        thrown = { error };
      }
    },
  });
  if (thrown !== undefined) throw thrown.error;
  return tagged;
}

function checked(parts: readonly (string | Buffer)[]): readonly Part[] {
  for (const part of parts) {
    if (typeof part === 'string' && /[\r\n\0]/.test(part)) {
      throw new CausewayError('input', 'a command holds a line end or NUL');
    }
  }
  return parts;
}

function nameOf(parts: readonly (string | Buffer)[]): string {
  const [first] = parts;
  const text = typeof first === 'string' ? first : '';
  return /^(?:UID )?[A-Za-z]+/i.exec(text)?.[0].toUpperCase() ?? 'command';
}
