/** Rules for incoming mail, and the scripts that they are part of. */
import { useState } from 'react';
import { Button, IconButton } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { Switch } from '#ui/Switch.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import styles from '../Form.module.css';
import { newRule, type Rule, sentenceOf, useFilters, useSaveRules } from './filters.ts';
import { RuleForm } from './RuleForm.tsx';
import { Scripts } from './Scripts.tsx';
import { useSummary } from './summary.ts';
import { words } from './words.ts';

export function FiltersPage() {
  const w = useWords(words);
  const { data } = useFilters();
  const save = useSaveRules();
  const summary = useSummary();
  const [edited, setEdited] = useState<{ readonly at: number; readonly rule: Rule }>();
  if (data === undefined) return <p className={styles['quiet']} role="status">{w.loading}</p>;
  if (!data.available) return <p className={styles['note']}>{w.notAvailable}</p>;
  const { rules, revision, able, hasOthers, edited: isEdited } = data;

  /** @returns what went wrong, for a person */
  async function put(next: readonly Rule[]): Promise<string | undefined> {
    try {
      await save(next, revision);
      return undefined;
    } catch (error) {
      return sentenceOf(error) ?? w.notSaved;
    }
  }
  const putNow = (next: readonly Rule[]): void => void put(next).then((fault) => fault !== undefined && showToast({ kind: 'bad', text: fault }));
  const nameOf = ({ name }: Rule): string => (name === '' ? w.unnamed : name);

  return (
    <div className={styles['stack']}>
      {isEdited && <p className={`${styles['note']} ${styles['bad']}`}><Icon name="warning" />{w.edited}</p>}
      <section className={styles['card']} aria-label={w.rules}>
        <h3>{w.rules}</h3>
        <p className={styles['quiet']}>{rules.length === 0 ? w.noRules : w.rulesAbout}</p>
        <ol className={styles['list']}>
          {rules.map((rule, at) => (
            // A rule is its place.
            // oxlint-disable-next-line react/no-array-index-key
            <li key={at} className={styles['item']}>
              <div>
                <b>{nameOf(rule)}</b>
                <small>{summary(rule)}</small>
              </div>
              {at > 0 && <IconButton icon="up" label={w.up(nameOf(rule))} onClick={() => putNow(rules.toSpliced(at, 1).toSpliced(at - 1, 0, rule))} />}
              <IconButton icon="drafts" label={w.edit(nameOf(rule))} onClick={() => setEdited({ at, rule })} />
              <IconButton icon="trash" label={w.remove(nameOf(rule))} onClick={() => putNow(rules.toSpliced(at, 1))} />
              <Switch hideLabel label={w.on(nameOf(rule))} checked={rule.enabled} onChange={(enabled) => putNow(rules.toSpliced(at, 1, { ...rule, enabled }))} />
            </li>
          ))}
        </ol>
        <div className={styles['row']}>
          <Button icon="plus" onClick={() => setEdited({ at: rules.length, rule: newRule() })}>{w.add}</Button>
        </div>
        {hasOthers && <p className={styles['note']}><Icon name="info" />{w.others}</p>}
      </section>
      <Scripts />
      {edited !== undefined && (
        <RuleForm
          rule={edited.rule}
          able={able}
          onClose={() => setEdited(undefined)}
          onSave={async (rule) => {
            const fault = await put(rules.toSpliced(edited.at, 1, rule));
            if (fault === undefined) setEdited(undefined);
            return fault;
          }}
        />
      )}
    </div>
  );
}
