/**
 * Keys and sequences of keys that stand for commands, as mail programs have had them for twenty years.
 *
 * Invariants: single characters never act where text is typed, nor with Control, Alt or Meta, which belong to the browser
 * and to screen readers; all can be switched off (WCAG 2.1.4). A sequence waits for its second key only as long as `WAIT_MS`.
 */

/** Command → keys that stand for it, the first of which is shown first. A space separates the keys of a sequence. */
export type Keymap<C extends string, G extends string> = Readonly<Record<C, { readonly group: G; readonly keys: readonly string[] }>>;

/** Between the keys of a sequence: twice what a slow writer takes. */
export const WAIT_MS = 1_500;

/** What of a keyboard event matters. */
export type Pressed = {
  /** `KeyboardEvent.key`: what the layout makes of the key, so `#` is `#` on every keyboard. */
  readonly key: string;
  readonly isModified: boolean;
  readonly isTyping: boolean;
  readonly at: number;
};

/** The first key of a sequence, while the second is awaited. */
export type Pending = { readonly key: string; readonly at: number } | undefined;

export type Press<C extends string> = (pending: Pending, pressed: Pressed) => { readonly command?: C; readonly pending: Pending };

export function createPress<C extends string, G extends string>(keymap: Keymap<C, G>): Press<C> {
  const all = Object.keys(keymap) as C[];
  const byKeys = new Map<string, C>(all.flatMap((command) => keymap[command].keys.map((keys) => [keys, command] as const)));
  const firsts = new Set([...byKeys.keys()].filter((keys) => keys.includes(' ')).map((keys) => keys.split(' ')[0]));
  return (pending, { key, isModified, isTyping, at }) => {
    if (isModified || isTyping) return { pending: undefined };
    // Shift comes before the key that it is for.
    if (key === 'Shift') return { pending };
    const first = pending !== undefined && at - pending.at <= WAIT_MS ? pending.key : undefined;
    const command = first === undefined ? undefined : byKeys.get(`${first} ${key}`);
    if (command !== undefined) return { command, pending: undefined };
    if (firsts.has(key)) return { pending: { key, at } };
    const single = byKeys.get(key);
    return single === undefined || first !== undefined ? { pending: undefined } : { command: single, pending: undefined };
  };
}
