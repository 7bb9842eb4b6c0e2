/** Who does what a key stands for: the part of the page that was shown last, of those that can. */
import { useEffect, useRef } from 'react';

type Handler = { readonly current: () => void };

export type Registry<C extends string> = {
  /** @param handler undefined: it cannot be done here at the moment */
  readonly useCommand: (command: C, handler: (() => void) | undefined) => void;
  /** @returns false: nobody can */
  readonly runCommand: (command: C) => boolean;
};

export function createRegistry<C extends string>(): Registry<C> {
  const handlers = new Map<C, readonly Handler[]>();
  return {
    useCommand(command, handler) {
      const latest = useRef(() => {});
      latest.current = handler ?? (() => {});
      const isOn = handler !== undefined;
      useEffect(() => {
        if (!isOn) return;
        handlers.set(command, [...(handlers.get(command) ?? []), latest]);
        return () => void handlers.set(command, (handlers.get(command) ?? []).filter((each) => each !== latest));
      }, [command, isOn]);
    },
    runCommand(command) {
      const last = handlers.get(command)?.at(-1);
      last?.current();
      return last !== undefined;
    },
  };
}
