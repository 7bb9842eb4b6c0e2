/** Who is calling? Results as one types, with arrows and Enter. */
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { SearchBox } from '#ui/SearchBox.tsx';
import { useWords } from '#ui/words.ts';
import type { FoundAccount } from '#desk/find/api.ts';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useCommand } from '../shell/keymap.ts';
import { Chip, Key } from '../ui/Section.tsx';
import { useFound } from './find.ts';
import { marks } from './marks.ts';
import { BY, words } from './words.ts';
import styles from './FindBox.module.css';

export function FindBox() {
  const w = useWords(words);
  const [, go] = useLocation();
  const [typed, setTyped] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const { found, isFresh, error } = useFound(typed);
  useCommand('find', () => {
    input.current?.focus();
    input.current?.select();
  });
  const accounts = found?.accounts ?? [];
  // Enter was pressed before the answer came: it then goes to the first.
  const isAwaited = useRef(false);
  useEffect(() => {
    const [first] = accounts;
    if (!isAwaited.current || !isFresh) return;
    isAwaited.current = false;
    if (first !== undefined) choose(first.id);
  });

  function choose(accountId: number): void {
    setTyped('');
    input.current?.blur();
    go(`/account/${accountId}`);
  }

  const status = typed.trim() === '' ? '' : error !== null ? sentenceOf(error, w.failed) : found === undefined ? '' : found.total === 0 ? w.nobody : w.count(found.total, accounts.length);
  return (
    <SearchBox
      ref={input}
      label={w.find}
      listLabel={w.found}
      clearLabel={w.clear}
      placeholder={w.placeholder}
      keys="/"
      typed={typed}
      onTyped={(next) => {
        setTyped(next);
        isAwaited.current = false;
      }}
      offers={() => accounts.map((account) => ({ key: account.id, content: <Line account={account} typed={typed} /> }))}
      begins="first"
      onPress={choose}
      onEnter={(account) => {
        if (isFresh && account !== undefined) choose(account);
        else if (!isFresh && typed.trim() !== '') isAwaited.current = true;
      }}
      escape="empties"
      hint={<Key>/</Key>}
      foot={<p role="status">{status}</p>}
      hasNews={status !== ''}
      className={styles['box']}
      listClassName={styles['offers']}
    />
  );
}

function Line({ account, typed }: { readonly account: FoundAccount; readonly typed: string }) {
  return (
    <>
      <span className={styles['who']}>
        <b><Marked text={account.name ?? account.address} query={typed} /></b>
        {account.name !== undefined && <span><Marked text={account.address} query={typed} /></span>}
      </span>
      <span className={styles['by']}>
        {account.by !== undefined && <>{BY[account.by.what]} <Marked text={account.by.text} query={typed} /></>}
      </span>
      {account.state !== 'active' && <Chip tone="warm">{account.state}</Chip>}
      <small>{account.home}</small>
    </>
  );
}

function Marked({ text, query }: { readonly text: string; readonly query: string }) {
  return marks(text, query).map((part, n) => (part.isFound ? <mark key={n}>{part.text}</mark> : part.text));
}
