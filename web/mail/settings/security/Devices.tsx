/** Where one is signed in, and from where the account's secrets were presented. */
import { Button } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { showToast } from '#ui/toasts.ts';
import { number, useLanguage, useWords } from '#ui/words.ts';
import type { HistoryLine, SessionLine } from '#webmail/security/api.ts';
import { Card, State } from './Card.tsx';
import { post, useHistory, useReread, useSessions } from './data.ts';
import { nameOf } from './device-name.ts';
import { toneOf } from './lines.ts';
import { faultText } from './Sure.tsx';
import { when } from './when.ts';
import { words } from './words.ts';
import form from '../Form.module.css';
import styles from './Security.module.css';

export function Devices() {
  return (
    <div className={form['stack']}>
      <Sessions />
      <History />
    </div>
  );
}

function Sessions() {
  const w = useWords(words);
  const language = useLanguage();
  const reread = useReread();
  const { data: sessions, isError } = useSessions();
  const end = async (which: { readonly id: string } | { readonly others: true }): Promise<void> => {
    try {
      await post('/api/sessions/end', which);
      showToast({ text: w.signedOut });
    } catch (error) {
      showToast({ kind: 'bad', text: faultText(error) });
    }
    await reread();
  };
  const others = sessions?.filter(({ current }) => !current) ?? [];
  return (
    <Card icon="globe" title={w.browsers} about={w.browsersAbout}>
      {sessions === undefined && <p className={form['quiet']} role="status">{isError ? w.unavailable : w.loading}</p>}
      <ul className={form['list']}>
        {sessions?.map((session: SessionLine) => {
          const name = nameOf(session.device, w.on, w.unknownDevice);
          return (
            <li key={session.id} className={form['item']}>
              <div>
                <b>{name}</b>
                <small>{[session.network, w.since(when(session.madeAt, language)), w.lastUsed(when(session.seenAt, language))].join(' · ')}</small>
              </div>
              {session.current ? <State text={w.thisOne} tone="good" /> : <Button kind="quiet" onClick={() => void end({ id: session.id })} aria-label={w.signOutOf(name)}>{w.signOut}</Button>}
            </li>
          );
        })}
      </ul>
      {others.length > 0 && (
        <div className={form['row']}>
          <Button icon="sign-out" onClick={() => void end({ others: true })}>{w.signOutOthers}</Button>
        </div>
      )}
    </Card>
  );
}

function History() {
  const w = useWords(words);
  const { data: lines, isError } = useHistory();
  return (
    <Card icon="clock" title={w.history} about={w.historyAbout}>
      {lines === undefined && <p className={form['quiet']} role="status">{isError ? w.unavailable : w.loading}</p>}
      {lines?.length === 0 && <p className={form['quiet']}>{w.historyNone}</p>}
      <ul className={form['list']}>
        {lines?.map((line) => <Line key={[line.protocol, line.network, line.device, line.outcome, line.means].join(' ')} line={line} />)}
      </ul>
    </Card>
  );
}

function Line({ line }: { readonly line: HistoryLine }) {
  const w = useWords(words);
  const language = useLanguage();
  const { protocol, network, device, means, outcome, firstAt, lastAt, times } = line;
  const who = device === '' ? w.protocol(protocol) : nameOf(device, w.on, w.unknownDevice);
  const how = outcome === 'accepted' ? w.means(means) : '';
  return (
    <li className={`${form['item']} ${styles['line']}`}>
      <div>
        <b>{who}</b>
        <small className={styles['times']}>{[network === 'elsewhere' ? w.elsewhere : network, how, times === 1 ? when(lastAt, language) : w.times(number(times), when(lastAt, language), when(firstAt, language))].filter((each) => each !== '').join(' · ')}</small>
      </div>
      <State text={w.outcome(outcome, means)} tone={toneOf(line)} />
      {toneOf(line) === 'bad' && <Icon name="warning" size={18} />}
    </li>
  );
}
