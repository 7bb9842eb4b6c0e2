/** Declares an incident: in one line, what is touched, how bad, and the first update; from a template where one fits. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { Choice } from '#ui/Choice.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { Field } from '#ui/Field.tsx';
import { Select } from '#ui/Select.tsx';
import { ask, sentenceOf } from '#ui/staff/ask.ts';
import { useSending } from '#ui/staff/sending.ts';
import { Switch } from '#ui/Switch.tsx';
import { TextArea } from '#ui/TextArea.tsx';
import { useWords } from '#ui/words.ts';
import { type Component, COMPONENTS, type DeclareBody, type Impact, IMPACTS, MOST_TEXT, MOST_TITLE } from '#incident/declared/api.ts';
import type { Template } from '#status/api.ts';
import { DECLARED, useHasSite } from './queries.ts';
import { words } from './words.ts';
import styles from './Incidents.module.css';

export function Declare({ onClose }: { readonly onClose: () => void }) {
  const w = useWords(words);
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [id] = useState(() => crypto.randomUUID());
  const [title, setTitle] = useState('');
  const [titleEs, setTitleEs] = useState('');
  const [components, setComponents] = useState<readonly Component[]>([]);
  const [impact, setImpact] = useState<Impact>('major');
  const [isPublic, setPublic] = useState(true);
  const hasSite = useHasSite();
  const [text, setText] = useState('');
  const [textEs, setTextEs] = useState('');
  const { isBusy, fault, send } = useSending((error) => sentenceOf(error, w.failed));
  /** It was tried: what is missing is said. */
  const [isTold, setTold] = useState(false);
  const [template, setTemplate] = useState('');
  const { data: templates = [] } = useQuery({ queryKey: ['templates'], queryFn: ({ signal }) => ask<{ templates: readonly Template[] }>('/api/status/templates', undefined, signal), select: (answer) => answer.templates.filter(({ planned }) => !planned), staleTime: Number.POSITIVE_INFINITY });

  function begin(name: string): void {
    setTemplate(name);
    const chosen = templates.find((each) => each.name === name);
    if (chosen === undefined) return;
    const first = chosen.texts.find(({ state }) => state === 'investigating') ?? chosen.texts[0];
    setTitle(chosen.title);
    setTitleEs(chosen.titleEs);
    setComponents(chosen.components);
    setImpact(chosen.impact);
    setText(first?.text ?? '');
    setTextEs(first?.textEs ?? '');
  }
  async function declare(): Promise<void> {
    setTold(true);
    if (components.length === 0) return;
    const body: DeclareBody = { id, title: title.trim(), components: [...components], impact, public: isPublic && hasSite, state: 'investigating', text: text.trim(), ...(titleEs.trim() === '' ? {} : { titleEs: titleEs.trim() }), ...(textEs.trim() === '' ? {} : { textEs: textEs.trim() }) };
    await send(async () => {
      await ask(DECLARED, body);
      await queries.invalidateQueries({ queryKey: ['declared'] });
      onClose();
      go(`/incidents/${id}`);
    });
  }
  return (
    <Dialog title={w.declare} onClose={onClose} wide acts={<><Button kind="quiet" onClick={onClose}>{w.cancel}</Button><Button kind="main" type="submit" form="declare" busy={isBusy}>{w.declare}</Button></>}>
      <form
        id="declare"
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void declare();
        }}
      >
        {templates.length > 0 && <Select label={w.template} value={template} options={[['', w.templateNone] as const, ...templates.map(({ name }) => [name, name] as const)]} onChange={begin} />}
        <Field label={w.name} required maxLength={MOST_TITLE} autoFocus value={title} onChange={(event) => setTitle(event.target.value)} />
        <Field label={w.nameEs} lang="es" maxLength={MOST_TITLE} value={titleEs} onChange={(event) => setTitleEs(event.target.value)} />
        <fieldset className={styles['boxes']} aria-describedby={isTold && components.length === 0 ? 'components-none' : undefined}>
          <legend>{w.components}</legend>
          {COMPONENTS.map((each) => (
            <label key={each}>
              <input type="checkbox" checked={components.includes(each)} onChange={(event) => setComponents(event.target.checked ? [...components, each] : components.filter((other) => other !== each))} />
              {w[each]}
            </label>
          ))}
          {isTold && components.length === 0 && <p id="components-none" role="alert" className={styles['fault']}>{w.componentsNone}</p>}
        </fieldset>
        <Choice label={w.impact} value={impact} options={IMPACTS.map((value) => ({ value, text: w[value] }))} onChange={setImpact} />
        <TextArea label={w.text} required rows={3} maxLength={MOST_TEXT} value={text} onChange={(event) => setText(event.target.value)} />
        <TextArea label={w.textEs} lang="es" rows={3} maxLength={MOST_TEXT} value={textEs} onChange={(event) => setTextEs(event.target.value)} />
        {hasSite && <Switch label={w.public} hint={w.publicHint} checked={isPublic} onChange={setPublic} />}
        {fault !== undefined && <p role="alert" className={styles['fault']}>{fault}</p>}
      </form>
    </Dialog>
  );
}
