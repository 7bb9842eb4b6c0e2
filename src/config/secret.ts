import { inspect } from 'node:util';

/** A secret that prints, logs and serialises as `[secret]`. Only `reveal()`, said out loud, gives it. */
export type Secret = {
  reveal(): string;
  toString(): string;
  toJSON(): string;
};

const MASK = '[secret]';

export function createSecret(text: string): Secret {
  const mask = (): string => MASK;
  return Object.freeze({ reveal: () => text, toString: mask, toJSON: mask, [inspect.custom]: mask });
}
