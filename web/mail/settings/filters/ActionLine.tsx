/** One act of a rule: what the platform can do is offered, and nothing else. */
import type { Able } from '#webmail/filters/api.ts';
import { Select } from '#ui/Select.tsx';
import { useWords } from '#ui/words.ts';
import { useMailboxes } from '../../api/mailboxes.ts';
import { type Action, levelsOf } from './filters.ts';
import styles from './RuleForm.module.css';
import { words } from './words.ts';

type Kind = Action['kind'];

export function ActionLine({ action, able, onChange }: { readonly action: Action; readonly able: Able; readonly onChange: (action: Action) => void }) {
  const w = useWords(words);
  const names: Readonly<Record<Kind, string>> = { move: w.move, copy: w.copy, flag: w.flag, read: w.read, forward: w.forward, reject: w.reject, discard: w.discard, stop: w.stop };
  const can: Readonly<Record<Kind, boolean>> = { move: able.move, copy: able.move, flag: able.flag, read: able.flag, forward: true, reject: able.reject, discard: true, stop: true };
  const choose = (kind: Kind): void => {
    if (kind === 'move' || kind === 'copy') onChange({ kind, mailbox: 'mailbox' in action ? action.mailbox : [] });
    else if (kind === 'forward') onChange({ kind, to: '', keepCopy: true });
    else if (kind === 'reject') onChange({ kind, message: '' });
    else onChange({ kind });
  };
  return (
    <div className={styles['parts']}>
      <Select hideLabel label={w.act} value={action.kind} options={(Object.keys(names) as Kind[]).filter((kind) => can[kind] || kind === action.kind).map((kind) => [kind, names[kind]])} onChange={choose} />
      {(action.kind === 'move' || action.kind === 'copy') && <Target levels={action.mailbox} onChange={(mailbox) => onChange({ ...action, mailbox })} />}
      {action.kind === 'forward' && (
        <>
          <input type="email" aria-label={w.forwardTo} maxLength={320} value={action.to} onChange={(event) => onChange({ ...action, to: event.target.value })} />
          <label className={styles['tick']}>
            <input type="checkbox" checked={action.keepCopy} onChange={(event) => onChange({ ...action, keepCopy: event.target.checked })} />
            {w.keepCopy}
          </label>
        </>
      )}
      {action.kind === 'reject' && <input type="text" className={styles['wide']} aria-label={w.rejectWith} maxLength={500} value={action.message} onChange={(event) => onChange({ ...action, message: event.target.value })} />}
    </div>
  );
}

/** A mailbox; one that is no more is shown all the same. */
function Target({ levels, onChange }: { readonly levels: readonly string[]; readonly onChange: (levels: string[]) => void }) {
  const w = useWords(words);
  const mailboxes = useMailboxes().data ?? [];
  const keyOf = (path: readonly string[]): string => JSON.stringify(path);
  const present = keyOf(levels);
  const options = mailboxes.map((mailbox) => levelsOf(mailbox, mailboxes)).map((path): readonly [string, string] => [keyOf(path), path.join(' / ')]).sort((a, b) => a[1].localeCompare(b[1]));
  const missing: readonly (readonly [string, string])[] = options.some(([key]) => key === present) ? [] : [[present, levels.length === 0 ? w.choose : levels.join(' / ')]];
  return <Select hideLabel label={w.mailbox} value={present} options={[...missing, ...options]} onChange={(key) => onChange(JSON.parse(key) as string[])} />;
}
