/**
 * A list of recipients: chips, and a field in which names are completed (WAI-ARIA's combobox with a list).
 *
 * Invariant: what was typed is never dropped: it becomes a chip when the field is left.
 */
import { useEffect, useId, useRef, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode } from 'react';
import { classes } from '#ui/classes.ts';
import { Icon } from '#ui/Icon.tsx';
import { useWords } from '#ui/words.ts';
import type { Address } from '../api/types.ts';
import { faultOf, formatAddress, nameOrEmail, parseRecipients, withoutTwins, type Fault } from './recipients.ts';
import { suggest, type Known } from './suggestions.ts';
import { words } from './words.ts';
import styles from './Recipients.module.css';

export function Recipients({ label, list, known, onChange, after, onBegin }: {
  readonly label: string;
  readonly list: readonly Address[];
  readonly known: readonly Known[];
  readonly onChange: (list: readonly Address[]) => void;
  readonly after?: ReactNode;
  /** It takes the focus when it appears, and begins with this text. */
  readonly onBegin?: (() => string) | undefined;
}) {
  const w = useWords(words);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const [isShut, setShut] = useState(false);
  const found = isShut ? [] : suggest(typed, known, list);
  const isOpen = found.length > 0;
  useEffect(() => {
    if (onBegin === undefined) return;
    input.current?.focus();
    const ahead = onBegin();
    setTyped((before) => ahead + before);
    // Once: it has begun then.
  }, []);

  const add = (more: readonly Address[]): void => {
    setTyped('');
    setAt(0);
    if (more.length > 0) onChange(withoutTwins([...list, ...more]));
  };
  const choose = (one: Known | undefined): void => {
    if (one !== undefined) add([{ name: one.name, email: one.email }]);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const { key } = event;
    if (event.nativeEvent.isComposing || ((key === 'Enter' || key === 's') && (event.ctrlKey || event.metaKey))) return;
    if (isOpen && (key === 'ArrowDown' || key === 'ArrowUp')) {
      event.preventDefault();
      setAt((at + (key === 'ArrowDown' ? 1 : found.length - 1)) % found.length);
    } else if (isOpen && (key === 'Enter' || (key === 'Tab' && !event.shiftKey))) {
      event.preventDefault();
      choose(found[at]);
    } else if (isOpen && key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      setShut(true);
    } else if ((key === 'Enter' || key === ',' || key === ';') && typed.trim() !== '') {
      // `"Byron, Ada"` is not done yet.
      if (key !== 'Enter' && (typed.split('"').length % 2 === 0 || !typed.includes('@'))) return;
      event.preventDefault();
      add(parseRecipients(typed));
    } else if (key === 'Enter') {
      event.preventDefault();
    } else if (key === 'Backspace' && typed === '' && list.length > 0) {
      event.preventDefault();
      onChange(list.slice(0, -1));
    }
  };
  const onPaste = (event: ClipboardEvent): void => {
    const text = event.clipboardData.getData('text/plain');
    if (typed !== '' || !/@/.test(text)) return;
    event.preventDefault();
    add(parseRecipients(text));
  };

  return (
    <div className={styles['row']} onClick={(event) => event.target === event.currentTarget && input.current?.focus()}>
      <label htmlFor={id}>{label}</label>
      <ul className={styles['chips']} onClick={(event) => event.target === event.currentTarget && input.current?.focus()}>
        {list.map((one) => (
          <Chip
            key={one.email}
            one={one}
            onRemove={() => {
              onChange(list.filter((each) => each !== one));
              input.current?.focus();
            }}
            onEdit={() => {
              onChange(withoutTwins([...list.filter((each) => each !== one), ...parseRecipients(typed)]));
              setTyped(formatAddress(one));
              input.current?.focus();
            }}
          />
        ))}
        <li className={styles['typing']}>
          <input
            ref={input}
            id={id}
            type="text"
            inputMode="email"
            autoComplete="off"
            autoCapitalize="none"
            autoCorrect="off"
            spellCheck={false}
            role="combobox"
            aria-expanded={isOpen}
            aria-controls={isOpen ? `${id}-list` : undefined}
            aria-autocomplete="list"
            aria-activedescendant={isOpen ? `${id}-${at}` : undefined}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value);
              setAt(0);
              setShut(false);
            }}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onBlur={() => typed.trim() !== '' && add(parseRecipients(typed))}
          />
          {isOpen && (
            <ul className={styles['found']} id={`${id}-list`} role="listbox" aria-label={w.suggestions}>
              {found.map((one, index) => (
                <li
                  key={one.email}
                  id={`${id}-${index}`}
                  role="option"
                  aria-selected={index === at}
                  // Before the field loses the focus.
                  onPointerDown={(event) => {
                    event.preventDefault();
                    choose(one);
                  }}
                  onPointerMove={() => setAt(index)}
                >
                  <b>{nameOrEmail(one)}</b>
                  {one.name !== null && one.name !== '' && <span>{one.email}</span>}
                </li>
              ))}
            </ul>
          )}
        </li>
      </ul>
      {after}
    </div>
  );
}

function Chip({ one, onRemove, onEdit }: { readonly one: Address; readonly onRemove: () => void; readonly onEdit: () => void }) {
  const w = useWords(words);
  const fault = faultOf(one);
  const name = nameOrEmail(one);
  const sentences: Readonly<Record<Fault, string>> = { 'no-at': w.faultNoAt, 'before-at': w.faultBeforeAt, letters: w.faultLetters, domain: w.faultDomain };
  return (
    <li className={classes(styles['chip'], fault !== undefined && styles['bad'])}>
      <button type="button" className={styles['name']} title={fault === undefined ? one.email : `${one.email}: ${sentences[fault]}`} aria-label={w.edit(fault === undefined ? formatAddress(one) : `${formatAddress(one)}. ${sentences[fault]}`)} onClick={onEdit}>
        {fault !== undefined && <Icon name="warning" size={14} />}
        <span dir="auto">{name}</span>
      </button>
      <button type="button" className={styles['remove']} aria-label={w.remove(name)} onClick={onRemove}>
        <Icon name="close" size={14} />
      </button>
    </li>
  );
}
