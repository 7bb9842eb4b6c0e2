/** `j` and `k` go from link to link of a list: the first of each line. */
import { useRef, type RefObject } from 'react';
import { useCommand } from '../shell/keymap.ts';

export function useListKeys<E extends HTMLElement>(): RefObject<E | null> {
  const list = useRef<E>(null);
  const step = (by: 1 | -1): void => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>('li > a:first-child') ?? [])];
    const at = links.findIndex((link) => link === document.activeElement);
    links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
  };
  useCommand('down', () => step(1));
  useCommand('up', () => step(-1));
  return list;
}
