/** One condition of a rule. */
import { Select } from '#ui/Select.tsx';
import { useWords } from '#ui/words.ts';
import type { Condition } from './filters.ts';
import styles from './RuleForm.module.css';
import { MEGABYTE } from './summary.ts';
import { words } from './words.ts';

export function ConditionLine({ condition, onChange }: { readonly condition: Condition; readonly onChange: (condition: Condition) => void }) {
  const w = useWords(words);
  const choose = (field: Condition['field']): void => {
    if (field === condition.field) return;
    if (field === 'size') onChange({ field, test: 'over', bytes: 5 * MEGABYTE });
    else onChange({ field, test: condition.field === 'size' ? 'contains' : condition.test, value: condition.field === 'size' ? '' : condition.value });
  };
  return (
    <div className={styles['parts']}>
      <Select hideLabel label={w.field} value={condition.field} options={[['from', w.fieldFrom], ['to', w.fieldTo], ['subject', w.fieldSubject], ['list', w.fieldList], ['size', w.fieldSize]]} onChange={choose} />
      {condition.field === 'size' ? (
        <>
          <Select hideLabel label={w.test} value={condition.test} options={[['over', w.over], ['under', w.under]]} onChange={(test) => onChange({ ...condition, test })} />
          <input type="number" aria-label={w.megabytes} min={0.1} max={2_000} step={0.1} value={condition.bytes / MEGABYTE} onChange={(event) => onChange({ ...condition, bytes: Math.max(1, Math.round(Number(event.target.value) * MEGABYTE)) })} />
        </>
      ) : (
        <>
          <Select hideLabel label={w.test} value={condition.test} options={[['contains', w.contains], ['is', w.is], ['not-contains', w.notContains]]} onChange={(test) => onChange({ ...condition, test })} />
          <input type="text" aria-label={w.value} maxLength={300} value={condition.value} onChange={(event) => onChange({ ...condition, value: event.target.value })} />
        </>
      )}
    </div>
  );
}
