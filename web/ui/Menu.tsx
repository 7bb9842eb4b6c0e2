/** A menu on a button: by mouse, touch, arrows and first letters (WAI-ARIA's menu button). */
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';
import type { IconName } from './icons.ts';
import { words } from './own-words.ts';
import { useWords } from './words.ts';
import styles from './Menu.module.css';

/** @param children the button that opens it @param open with `onOpenChange`, where something else opens it, too */
export function Menu({ children, items, align = 'end', open, onOpenChange }: { readonly children: ReactNode; readonly items: ReactNode; readonly align?: 'start' | 'center' | 'end'; readonly open?: boolean; readonly onOpenChange?: (open: boolean) => void }) {
  const w = useWords(words);
  return (
    <DropdownMenu.Root modal={false} open={open} onOpenChange={onOpenChange}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        {/* At the end of the page, outside of whatever the button is in: a landmark of its own. */}
        <section aria-label={w.menu}>
          <DropdownMenu.Content className={styles['menu']} align={align} sideOffset={6} collisionPadding={8}>
            {items}
          </DropdownMenu.Content>
        </section>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({ icon, danger = false, disabled = false, onSelect, children, keys, hint }: {
  readonly icon?: IconName;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
  /** The shortcut that does the same. */
  readonly keys?: string;
  /** A second, quiet line. */
  readonly hint?: string | undefined;
}) {
  return (
    <DropdownMenu.Item className={styles['item']} data-danger={danger || undefined} disabled={disabled} onSelect={onSelect}>
      {icon !== undefined && <Icon name={icon} size={18} />}
      <span>
        {children}
        {hint !== undefined && <small>{hint}</small>}
      </span>
      {keys !== undefined && <kbd>{keys}</kbd>}
    </DropdownMenu.Item>
  );
}

export function MenuLine() {
  return <DropdownMenu.Separator className={styles['line']} />;
}
