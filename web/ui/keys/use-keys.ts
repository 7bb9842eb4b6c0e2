/** Listens to the keyboard for the whole page. */
import { useEffect } from 'react';
import type { Pending, Press } from './press.ts';
import type { Registry } from './registry.ts';
import { getShortcutsOn } from './switch.ts';

const TYPED = 'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]:not([contenteditable=false]), [role=textbox], [role=combobox], [role=menu], dialog';

export function useKeys<C extends string>(press: Press<C>, runCommand: Registry<C>['runCommand']): void {
  useEffect(() => {
    let pending: Pending;
    const onKeyDown = (event: KeyboardEvent): void => {
      const isTyping = (event.target instanceof Element && event.target.closest(TYPED) !== null) || document.querySelector('dialog[open]') !== null;
      const step = press(pending, { key: event.key, isModified: event.ctrlKey || event.metaKey || event.altKey || event.isComposing, isTyping, at: event.timeStamp });
      ({ pending } = step);
      if (step.command === undefined || !getShortcutsOn() || event.defaultPrevented) return;
      if (runCommand(step.command)) event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [press, runCommand]);
}
