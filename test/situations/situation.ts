/** What a situation is: an account, what is done to it and with it for real, and what the verdict then has to be. */
import type { Program } from './client.ts';
import type { House, Mail } from './house.ts';

export type At = {
  readonly house: House;
  readonly id: number;
  readonly login: string;
  /** The customer's phone at home, the same at another place, and a program of nobody's. Each situation has networks of its own. */
  readonly phone: Program;
  readonly laptop: Program;
  readonly away: Program;
  readonly stranger: Program;
  /** Resolves when the platform that dies is dead; to be awaited by who needs that, and held up by who needs it alive. */
  readonly doomed: { readonly dead: Promise<void>; alive(work: Promise<unknown>): void };
};

export type Situation = {
  readonly name: string;
  readonly rule: string;
  /** What the line must say, beside. */
  readonly line?: RegExp;
  readonly home?: string;
  /** Whose word on the secret is final: the home's, or ours, with a hash. */
  readonly ours?: boolean;
  /** Ours, and no hash is held. */
  readonly noHash?: boolean;
  readonly mail?: Mail;
  /** So much later it is looked at: nothing came since. */
  readonly laterMs?: number;
  readonly happens: (at: At) => Promise<unknown>;
};
