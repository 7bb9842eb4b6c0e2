/** What a mailbox is for, where neither the mail server nor its name say it, or say it wrong. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Choice } from '#ui/Choice.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { useWords } from '#ui/words.ts';
import { CHOSEN_ROLES, type ChosenRole } from '#webmail/mail/api.ts';
import type { Mailbox } from '../api/types.ts';
import { giveRole, type Refusal } from './change.ts';
import { iconOf, useMailboxName } from './names.ts';
import { words } from './words.ts';
import styles from './Mailboxes.module.css';

type Use = ChosenRole | 'nothing';

export function UseAs({ box, boxes, onClose }: { readonly box: Mailbox; readonly boxes: readonly Mailbox[]; readonly onClose: () => void }) {
  const w = useWords(words);
  const client = useQueryClient();
  const nameOf = useMailboxName();
  const [use, setUse] = useState<Use>(CHOSEN_ROLES.find((role) => role === box.role) ?? 'nothing');
  const [refusal, setRefusal] = useState<Refusal>();
  const [isBusy, setBusy] = useState(false);
  const role = use === 'nothing' ? null : use;
  const other = boxes.find((one) => role !== null && one.role === role && one.id !== box.id);
  const submit = async (): Promise<void> => {
    setBusy(true);
    const found = role === box.role ? undefined : await giveRole(client, box, role, other);
    setBusy(false);
    setRefusal(found);
    if (found === undefined) onClose();
  };
  return (
    <Dialog title={w.useTitle(nameOf(box))} onClose={onClose}>
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Choice<Use>
          label={w.useFor}
          value={use}
          options={[{ value: 'nothing', text: w.useNothing, icon: 'folder' }, ...CHOSEN_ROLES.map((each) => ({ value: each, text: w[each], icon: iconOf({ role: each }) }))]}
          onChange={setUse}
        />
        <p className={styles['hint']} aria-live="polite">
          {other !== undefined && <b>{w.useInstead(other.name)} </b>}
          {w.useHint}
        </p>
        {refusal !== undefined && <p role="alert">{w[refusal]}</p>}
        <Button kind="main" type="submit" busy={isBusy}>
          {w.save}
        </Button>
      </form>
    </Dialog>
  );
}
