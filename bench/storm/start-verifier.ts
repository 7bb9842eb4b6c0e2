/** The verifier's process, seen from the bench. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { end, type VerifierPorts } from '../fronts/front.ts';
import type { Checks, Manner } from './verifier.ts';

/** 20 places of 200 ms: 100 checks a second. */
export const PLACES = 20;
export const CHECK_MS = 200;
export const CAPACITY = (PLACES * 1_000) / CHECK_MS;

export type Verifier = { readonly ports: VerifierPorts; answer(manner: Manner): Promise<Checks>; stop(): Promise<void> };

export async function startVerifier(): Promise<Verifier> {
  const child = fork(join(import.meta.dirname, 'verifier.ts'));
  const next = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the verifier ended'));
      child.once('exit', ended);
      child.once('message', (message) => {
        child.off('exit', ended);
        resolve(message as T);
      });
    });
  const ports = await next<VerifierPorts>();
  return {
    ports,
    answer(manner) {
      child.send(manner);
      return next<Checks>();
    },
    stop: () => end(child),
  };
}
