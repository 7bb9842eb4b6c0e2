/** Printing: on paper mails have their own colours, nothing is folded away, and one of a conversation may stand alone. */
import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';

/** Whether the page is being printed. */
export function usePrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    // Before the browser lays the pages out.
    const before = (): void => flushSync(() => setPrinting(true));
    const after = (): void => setPrinting(false);
    window.addEventListener('beforeprint', before);
    window.addEventListener('afterprint', after);
    return () => {
      window.removeEventListener('beforeprint', before);
      window.removeEventListener('afterprint', after);
    };
  }, []);
  return isPrinting;
}

/** @returns the one mail that is being printed; what prints one */
export function usePrintAlone(): readonly [string | undefined, (emailId: string) => void] {
  const [alone, setAlone] = useState<string>();
  useEffect(() => {
    const after = (): void => setAlone(undefined);
    window.addEventListener('afterprint', after);
    return () => window.removeEventListener('afterprint', after);
  }, []);
  const print = (emailId: string): void => {
    // When the menu is gone.
    setTimeout(() => {
      flushSync(() => setAlone(emailId));
      window.print();
    });
  };
  return [alone, print];
}
