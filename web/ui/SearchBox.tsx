/**
 * A search with offers while one types: arrows and Enter choose (WAI-ARIA's combobox with a list).
 *
 * Invariants: the cursor stays in the box; a press on an offer comes before the box loses the focus, and with it the list.
 * What the offers are, and what Enter means, is its owner's.
 */
import { useId, useState, type ReactNode, type Ref } from 'react';
import { IconButton } from './Button.tsx';
import { Icon } from './Icon.tsx';

export type Offer<K> = { readonly key: K; readonly content: ReactNode };

export type SearchBoxProps<K> = {
  readonly ref: Ref<HTMLInputElement>;
  /** The box's name, the list's, and that of the button that empties it. */
  readonly label: string;
  readonly listLabel: string;
  readonly clearLabel: string;
  readonly placeholder: string;
  readonly keys?: string;
  readonly typed: string;
  readonly onTyped: (typed: string) => void;
  /** Asked for while the box has the focus. */
  readonly offers: () => readonly Offer<K>[];
  /** Which of them is chosen before an arrow is pressed; `typed`: none, Enter then means what was typed. */
  readonly begins: 'first' | 'typed';
  /** @param key of the offer that was pressed */
  readonly onPress: (key: K) => void;
  /** @param key undefined: none is chosen */
  readonly onEnter: (key: K | undefined) => void;
  /** Escape empties the box before it leaves it, or closes the list before. */
  readonly escape: 'empties' | 'closes';
  /** In the empty box, at its end. */
  readonly hint?: ReactNode;
  /** Under the offers. */
  readonly foot: ReactNode;
  /** What is at the foot is said where there are no offers, too. */
  readonly hasNews?: boolean;
  readonly className: string | undefined;
  readonly listClassName: string | undefined;
};

export function SearchBox<K extends string | number>({ ref, label, listLabel, clearLabel, placeholder, keys, typed, onTyped, offers: all, begins, onPress, onEnter, escape, hint, foot, hasNews = false, className, listClassName }: SearchBoxProps<K>) {
  const id = useId();
  const least = begins === 'first' ? 0 : -1;
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(least);
  const [input, setInput] = useState<HTMLInputElement | null>(null);
  const offers = isOpen ? all() : [];
  const write = (next: string): void => {
    onTyped(next);
    setOpen(true);
    setAt(least);
  };
  return (
    <form
      role="search"
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        setAt(least);
        onEnter(offers[at]?.key);
      }}
    >
      <Icon name="search" size={18} />
      <input
        ref={(element) => {
          setInput(element);
          if (typeof ref === 'function') return ref(element);
          if (ref !== null) ref.current = element;
          return undefined;
        }}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        role="combobox"
        aria-label={label}
        aria-expanded={offers.length > 0}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={offers[at] === undefined ? undefined : `${id}-${at}`}
        aria-keyshortcuts={keys}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => write(event.target.value)}
        onKeyDown={(event) => {
          const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (by !== undefined && offers.length > 0) {
            event.preventDefault();
            setAt(at + by < least ? offers.length - 1 : at + by >= offers.length ? least : at + by);
          } else if (event.key === keys && typed === '') {
            // Whoever comes here by the key when the cursor is here already means the same.
            event.preventDefault();
          } else if (event.key === 'Escape') {
            if (escape === 'empties' && typed !== '') write('');
            else if (escape === 'closes' && offers.length > 0) setOpen(false);
            else event.currentTarget.blur();
          }
        }}
      />
      {typed === '' ? hint : (
        <IconButton icon="close" size={16} label={clearLabel} onClick={() => {
          write('');
          input?.focus();
        }} />
      )}
      <div className={listClassName} hidden={!isOpen || (offers.length === 0 && !hasNews)}>
        <ul id={id} role="listbox" aria-label={listLabel}>
          {offers.map(({ key, content }, n) => (
            <li
              key={key}
              id={`${id}-${n}`}
              role="option"
              aria-selected={n === at}
              onPointerDown={(event) => {
                event.preventDefault();
                setOpen(false);
                setAt(least);
                onPress(key);
              }}
            >
              {content}
            </li>
          ))}
        </ul>
        {foot}
      </div>
    </form>
  );
}
