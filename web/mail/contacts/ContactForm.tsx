/** A contact, to be changed or made. */
import { useState } from 'react';
import type { Card, Contact, Label } from '#webmail/contacts/api.ts';
import { Button, IconButton } from '#ui/Button.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { Select } from '#ui/Select.tsx';
import { TextArea } from '#ui/TextArea.tsx';
import { useWords } from '#ui/words.ts';
import type { Changes } from './book.ts';
import { LABELS, useKinds } from './kinds.ts';
import { words } from './words.ts';
import styles from './ContactForm.module.css';

type Line = { readonly label: Label; readonly text: string };

const isAddress = (text: string): boolean => /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text.trim());

/** @param onClose with what was saved */
export function ContactForm({ contact, groups, changes, onClose }: { readonly contact: Contact; readonly groups: readonly string[]; readonly changes: Changes; readonly onClose: (saved?: Contact) => void }) {
  const w = useWords(words);
  const [name, setName] = useState(contact.name);
  const [company, setCompany] = useState(contact.company);
  const [emails, setEmails] = useState<readonly Line[]>(contact.emails.length === 0 ? [{ label: '', text: '' }] : contact.emails.map(({ label, address }) => ({ label, text: address })));
  const [phones, setPhones] = useState<readonly Line[]>(contact.phones.map(({ label, number }) => ({ label, text: number })));
  const [inGroups, setInGroups] = useState(contact.groups.join(', '));
  const [notes, setNotes] = useState(contact.notes);
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);

  async function save(): Promise<void> {
    const filled = (lines: readonly Line[]): readonly Line[] => lines.filter(({ text }) => text.trim() !== '');
    const card: Card = {
      name: name.trim(),
      company: company.trim(),
      emails: filled(emails).map(({ label, text }) => ({ label, address: text.trim() })),
      phones: filled(phones).map(({ label, text }) => ({ label, number: text.trim() })),
      notes,
      groups: [...new Set(inGroups.split(',').map((each) => each.trim()).filter((each) => each !== ''))],
    };
    if (!card.emails.every(({ address }) => isAddress(address))) return setFault(w.noAddress);
    if (card.name === '' && card.company === '' && card.emails.length === 0 && card.phones.length === 0) return setFault(w.nobody);
    setFault(undefined);
    setBusy(true);
    const saved = await changes.save(contact.id === '' ? undefined : contact.id, card);
    setBusy(false);
    if (saved !== undefined) onClose(saved);
  }

  return (
    <Dialog
      title={contact.id === '' ? w.add : contact.name || w.edit}
      onClose={() => onClose()}
      acts={
        <>
          <Button kind="quiet" onClick={() => onClose()}>{w.cancel}</Button>
          <Button kind="main" busy={isBusy} onClick={() => void save()}>{w.save}</Button>
        </>
      }
    >
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label={w.name} value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        <Field label={w.company} value={company} maxLength={200} onChange={(event) => setCompany(event.target.value)} />
        <Lines title={w.emails} label={w.email} add={w.addEmail} type="email" labels={LABELS.slice(0, 3)} lines={emails} onChange={setEmails} />
        <Lines title={w.phones} label={w.phone} add={w.addPhone} type="tel" labels={LABELS} lines={phones} onChange={setPhones} />
        <Field label={w.groups} hint={groups.length === 0 ? w.groupsHint : `${w.groupsHint}: ${groups.slice(0, 6).join(', ')}`} value={inGroups} onChange={(event) => setInGroups(event.target.value)} />
        <TextArea label={w.notes} value={notes} maxLength={5_000} onChange={(event) => setNotes(event.target.value)} />
        {fault !== undefined && <p className={styles['fault']} role="alert">{fault}</p>}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function Lines({ title, label, add, type, labels, lines, onChange }: {
  readonly title: string;
  readonly label: string;
  readonly add: string;
  readonly type: 'email' | 'tel';
  readonly labels: readonly Label[];
  readonly lines: readonly Line[];
  readonly onChange: (lines: readonly Line[]) => void;
}) {
  const w = useWords(words);
  const kinds = useKinds();
  const put = (at: number, line: Line): void => onChange(lines.map((each, index) => (index === at ? line : each)));
  return (
    <fieldset className={styles['lines']}>
      <legend>{title}</legend>
      {lines.map((line, at) => (
        // Lines have nothing but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={at} className={styles['line']}>
          <Select hideLabel label={w.kind} value={line.label} options={[...new Set([...labels, line.label])].map((each) => [each, kinds[each]])} onChange={(next) => put(at, { ...line, label: next })} />
          <input type={type} aria-label={label} value={line.text} maxLength={type === 'email' ? 320 : 60} onChange={(event) => put(at, { ...line, text: event.target.value })} />
          <IconButton icon="close" label={w.take} onClick={() => onChange(lines.filter((_, index) => index !== at))} />
        </div>
      ))}
      <div>
        <Button kind="quiet" icon="plus" onClick={() => onChange([...lines, { label: '', text: '' }])}>{add}</Button>
      </div>
    </fieldset>
  );
}
