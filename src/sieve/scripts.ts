/** A signed-in client's commands on scripts (RFC 5804 sections 2.6 to 2.10), over an exchange. */
import { CausewayError } from '#errors/index.ts';
import type { Token } from '#wire/imap/tokens.ts';
import { encodeString, literal } from '#wire/sieve/string.ts';
import { type Answer, type Exchange, SCRIPTS } from './exchange.ts';

export type ListedScript = { readonly name: string; readonly active: boolean };

/** All throw CausewayError 'refused' for a NO without a word of trying later, 'unavailable', 'protocol', 'limit'. */
export type ScriptCommands = {
  listScripts(): Promise<readonly ListedScript[]>;
  getScript(name: string): Promise<Buffer>;
  putScript(name: string, script: Buffer): Promise<void>;
  /** Undefined: none is active any more. */
  setActive(name: string | undefined): Promise<void>;
  deleteScript(name: string): Promise<void>;
};

/** A server's words on a script are a compiler's: the first lines of them say what is wrong. */
const WORDS_LIMIT = 300;

export function createScriptCommands(exchange: Exchange, place: string): ScriptCommands {
  async function run(name: string, ...args: readonly Buffer[]): Promise<Answer> {
    exchange.send(name, ...args.flatMap((arg) => [' ', arg]));
    const answer = await exchange.answer(SCRIPTS);
    if (answer.status === 'OK') return answer;
    const { status, code, text } = answer;
    const later = status === 'BYE' || code === 'TRYLATER';
    // oxlint-disable-next-line no-control-regex -- they are what is taken out
    const words = text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, WORDS_LIMIT);
    throw new CausewayError(later ? 'unavailable' : 'refused', `${name}: ${status}${code === undefined ? '' : ` (${code})`} ${words}`, { place });
  }

  return {
    async listScripts() {
      const { data } = await run('LISTSCRIPTS');
      return data.map(([name, mark]) => ({ name: bytesOf(name, place).toString(), active: mark?.kind === 'atom' && mark.text.toUpperCase() === 'ACTIVE' }));
    },
    async getScript(name) {
      const { data } = await run('GETSCRIPT', encodeString(name, 'client'));
      return bytesOf(data[0]?.[0], place);
    },
    putScript: async (name, script) => void (await run('PUTSCRIPT', encodeString(name, 'client'), literal(script, 'client'))),
    setActive: async (name = '') => void (await run('SETACTIVE', encodeString(name, 'client'))),
    deleteScript: async (name) => void (await run('DELETESCRIPT', encodeString(name, 'client'))),
  };
}

function bytesOf(token: Token | undefined, place: string): Buffer {
  if (token?.kind !== 'string') throw new CausewayError('protocol', 'expected a string', { place });
  return token.bytes;
}
