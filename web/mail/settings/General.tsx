/** Language, looks, lists, sending, and whose pictures are shown. */
import { Choice } from '#ui/Choice.tsx';
import { IconButton } from '#ui/Button.tsx';
import { Select } from '#ui/Select.tsx';
import { Switch } from '#ui/Switch.tsx';
import { LANGUAGES, setLanguage, useLanguage, useWords, type Language } from '#ui/words.ts';
import { setTheme } from '#ui/theme.ts';
import { usePreferences, useSavePreferences } from './preferences.ts';
import { words } from './words.ts';
import styles from './Form.module.css';

const UNDO_SECONDS = ['0', '5', '10', '20', '30'] as const;

export function General() {
  const w = useWords(words);
  const language = useLanguage();
  const preferences = usePreferences();
  const save = useSavePreferences();
  if (preferences === undefined) return <p className={styles['quiet']} role="status">{w.loading}</p>;
  const { theme, density, preview, undoSendSeconds, remoteContentFrom } = preferences;
  return (
    <div className={styles['stack']}>
      <section className={styles['card']} aria-label={w.looks}>
        <h3>{w.looks}</h3>
        <Select
          label={w.language}
          value={language}
          options={Object.entries(LANGUAGES) as [Language, string][]}
          onChange={(next) => {
            setLanguage(next);
            void save({ language: next });
          }}
        />
        <Choice
          label={w.theme}
          value={theme}
          options={[{ value: 'light', text: w.light, icon: 'sun' }, { value: 'dark', text: w.dark, icon: 'moon' }, { value: 'system', text: w.asSystem, icon: 'settings' }]}
          onChange={(next) => {
            setTheme(next);
            void save({ theme: next });
          }}
        />
      </section>
      <section className={styles['card']} aria-label={w.lists}>
        <h3>{w.lists}</h3>
        <Choice label={w.density} value={density} options={[{ value: 'comfortable', text: w.comfortable }, { value: 'compact', text: w.compact }]} onChange={(next) => void save({ density: next })} />
        <Switch label={w.preview} hint={w.previewHint} checked={preview} onChange={(next) => void save({ preview: next })} />
      </section>
      <section className={styles['card']} aria-label={w.sending}>
        <h3>{w.sending}</h3>
        <Select
          label={w.undoSend}
          hint={w.undoSendHint}
          value={String(undoSendSeconds)}
          options={[...new Set([...UNDO_SECONDS, String(undoSendSeconds)])].sort((a, b) => Number(a) - Number(b)).map((each) => [each, each === '0' ? w.atOnce : w.seconds(Number(each))])}
          onChange={(next) => void save({ undoSendSeconds: Number(next) })}
        />
      </section>
      <section className={styles['card']} aria-label={w.remote}>
        <h3>{w.remote}</h3>
        <p className={styles['quiet']}>{remoteContentFrom.length === 0 ? w.remoteNone : w.remoteAbout}</p>
        {remoteContentFrom.length > 0 && (
          <ul className={styles['list']}>
            {remoteContentFrom.map((sender) => (
              <li key={sender} className={styles['item']}>
                <span>{sender}</span>
                <IconButton icon="trash" label={w.forbid(sender)} onClick={() => void save({ remoteContentFrom: remoteContentFrom.filter((each) => each !== sender) })} />
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
