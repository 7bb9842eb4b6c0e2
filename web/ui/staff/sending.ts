/** What a form sends: whether it is on its way, and why it was not done. */
import { useState } from 'react';

export type Sending = {
  readonly isBusy: boolean;
  /** Of the last try, or of what was typed. */
  readonly fault: string | undefined;
  setFault(fault: string | undefined): void;
  /** @returns whether it was done */
  send(work: () => Promise<unknown>): Promise<boolean>;
};

/** @param inWords what to tell of a failure */
export function useSending(inWords: (error: unknown) => string): Sending {
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  return {
    isBusy,
    fault,
    setFault,
    async send(work) {
      setBusy(true);
      setFault(undefined);
      try {
        await work();
        return true;
      } catch (error) {
        setFault(inWords(error));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
