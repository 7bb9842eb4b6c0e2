/** Moves that go on, and accounts that need a person: failed, or held back. */
import type { ConsoleState, MoveShape } from '#cutover/api.ts';
import { Button } from '#ui/Button.tsx';
import { useMay } from '#ui/staff/who.ts';
import { number, useWords } from '#ui/words.ts';
import { askFor } from '../plan/ask-act.ts';
import { useCommand } from '../shell/keymap.ts';
import { Chip, Nothing, Panel } from '../ui/Panel.tsx';
import { bytesOf } from '../ui/times.ts';
import { whoOf } from '../ui/who-of.ts';
import { words } from './words.ts';
import styles from './Moves.module.css';

/** Of those furthest along: as many as fit beside the rest. */
const SHOWN = 8;
const SHOWN_ACCOUNTS = 6;

export function Moves({ state }: { readonly state: ConsoleState }) {
  const w = useWords(words);
  return (
    <Panel title={w.moves} command="goMoves" aside={w.more(number(state.openMoves))}>
      {state.moves.length === 0 ? (
        <Nothing>{w.noMoves}</Nothing>
      ) : (
        <ul className={styles['moves']}>
          {state.moves.slice(0, SHOWN).map((move) => (
            <Move key={move.id} move={move} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Move({ move }: { readonly move: MoveShape }) {
  const w = useWords(words);
  const { address, state, messages, copiedMessages, copiedBytes, attempt, error } = move;
  return (
    <li className={styles['move']}>
      <span className={styles['address']}>{address}</span>
      <small className={styles['amount']}>{messages === 0 ? '' : w.amount(number(copiedMessages), number(messages), bytesOf(copiedBytes))}</small>
      <Chip tone={state === 'held' ? 'warm' : state === 'queued' ? 'plain' : 'accent'}>{w[state as 'queued' | 'copying' | 'following' | 'held'] ?? state}</Chip>
      <progress aria-label={w.progress(address)} max={Math.max(1, messages)} value={Math.min(messages, copiedMessages)} />
      <small className={styles['trouble']}>{[...(attempt > 0 ? [w.attempt(attempt)] : []), ...(error === null ? [] : [error])].join(' · ')}</small>
    </li>
  );
}

export function Accounts({ state }: { readonly state: ConsoleState }) {
  const w = useWords(words);
  const may = useMay();
  const mayHold = may('account.hold-back');
  const holdMany = (): void => askFor({ act: 'hold-back', accounts: [] });
  useCommand('holdBack', mayHold ? holdMany : undefined);
  return (
    <Panel title={w.accounts}>
      {state.failures.length === 0 && state.heldBack.length === 0 && <Nothing>{w.nobody}</Nothing>}
      {state.failures.length > 0 && (
        <section className={styles['group']}>
          <h3>{w.failures}</h3>
          <ul>
            {state.failures.slice(0, SHOWN_ACCOUNTS).map(({ accountId, address, wave, failure, error }) => (
              <li key={accountId} className={styles['line']}>
                <span>
                  <b>{address}</b>
                  <small>{w.failure(wave, failure)}</small>
                  {error !== null && <small>{error}</small>}
                </span>
                {mayHold && (
                  <Button kind="quiet" aria-label={w.holdBackOne(address)} onClick={() => askFor({ act: 'hold-back', accounts: [address] })}>
                    {w.holdBack}
                  </Button>
                )}
              </li>
            ))}
          </ul>
          <Others of={state.failures.length} />
        </section>
      )}
      {state.heldBack.length > 0 && (
        <section className={styles['group']}>
          <h3>{w.heldBack}</h3>
          <ul>
            {state.heldBack.slice(0, SHOWN_ACCOUNTS).map(({ accountId, address, by, why }) => (
              <li key={accountId} className={styles['line']}>
                <span>
                  <b>{address}</b>
                  <small>{w.by(whoOf(by), why)}</small>
                </span>
                {mayHold && (
                  <Button kind="quiet" aria-label={w.letGoOne(address)} onClick={() => askFor({ act: 'let-go', accounts: [address] })}>
                    {w.letGo}
                  </Button>
                )}
              </li>
            ))}
          </ul>
          <Others of={state.heldBack.length} />
        </section>
      )}
      <div className={styles['acts']}>
        {mayHold && <Button onClick={holdMany}>{w.holdBackMany}</Button>}
        {may('plan.roll-back') && <Button onClick={() => askFor({ act: 'roll-back', accounts: [] })}>{w.rollBackMany}</Button>}
      </div>
    </Panel>
  );
}

/** That a list goes on: nobody is to think that these are all. */
function Others({ of }: { readonly of: number }) {
  const w = useWords(words);
  return of <= SHOWN_ACCOUNTS ? null : <p className={styles['others']}>{w.others(number(of - SHOWN_ACCOUNTS))}</p>;
}
