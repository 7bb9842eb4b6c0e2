/** What can be done for this caller: the best next step first, a case, settings, and all other acts with their guard rails. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Button } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { Menu, MenuItem } from '#ui/Menu.tsx';
import { ask, sentenceOf } from '#ui/staff/ask.ts';
import { roleIn } from '#ui/staff/role.ts';
import { useMay, useStaff } from '#ui/staff/who.ts';
import { words as staffWords } from '#ui/staff/words.ts';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { DESK_ACTS, type DeskActName } from '#desk/acts/api.ts';
import type { Made } from '#desk/cases/api.ts';
import type { Screen } from '#desk/screen/api.ts';
import { useCommand } from '../shell/keymap.ts';
import { Key } from '../ui/Section.tsx';
import panel from '../screen/VerdictPanel.module.css';
import { ActDialog } from './ActDialog.tsx';
import { nextStepOf } from './next-step.ts';
import { ACT_WORDS, words } from './words.ts';

export function ScreenActs({ accountId, screen }: { readonly accountId: number; readonly screen: Screen }) {
  const w = useWords(words);
  const staffW = useWords(staffWords);
  const may = useMay();
  const { role } = useStaff();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [chosen, setChosen] = useState<DeskActName>();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [caseKey] = useState(() => crypto.randomUUID());
  const { next } = screen.verdict;
  const step = nextStepOf(next);
  const tell = w.refused(roleIn(staffW, role).toLowerCase());

  function choose(name: DeskActName): void {
    const { act } = DESK_ACTS.find((each) => each.name === name)!;
    if (may(act)) setChosen(name);
    else showToast({ text: tell });
  }
  // The same key however often it is pressed: one call, one case.
  async function openCase(then = ''): Promise<void> {
    try {
      const { id } = await ask<Made>('/api/desk/cases', { key: caseKey, account: accountId });
      await queries.invalidateQueries({ queryKey: ['cases'] });
      go(`/cases/${id}${then}`);
    } catch (error) {
      showToast({ text: sentenceOf(error, w.failed), kind: 'bad' });
    }
  }
  const doNext = step.kind === 'act' ? () => choose(step.name) : step.kind === 'case' ? () => void openCase() : step.kind === 'escalate' ? () => void openCase('?do=escalate') : undefined;
  const nextName = step.kind === 'act' ? ACT_WORDS[step.name].name : step.kind === 'escalate' ? w.escalate : w.openCase;
  useCommand('nextStep', doNext);
  useCommand('openCase', () => void openCase());
  useCommand('acts', () => setMenuOpen(true));
  useCommand('device', () => choose('device-settings'));
  return (
    <>
      <p className={panel['step']}><Icon name="next" size={18} />{next.text}</p>
      {doNext !== undefined && <Button kind="main" aria-keyshortcuts="n" onClick={doNext}>{nextName}<Key>n</Key></Button>}
      {step.kind !== 'case' && <Button icon="plus" aria-keyshortcuts="c" onClick={() => void openCase()}>{w.openCase}<Key>c</Key></Button>}
      {!(step.kind === 'act' && step.name === 'device-settings') && <Button kind="quiet" icon="settings" aria-keyshortcuts="d" onClick={() => choose('device-settings')}>{w.device}<Key>d</Key></Button>}
      <Menu
        open={isMenuOpen}
        onOpenChange={setMenuOpen}
        align="start"
        items={DESK_ACTS.map(({ name, act, second }) => (
          <MenuItem key={name} icon={may(act) ? undefined : 'key'} danger={name === 'roll-back'} hint={may(act) ? (second ? w.second : undefined) : tell} onSelect={() => choose(name)}>
            {ACT_WORDS[name].name}
          </MenuItem>
        ))}
      >
        <Button kind="quiet" icon="more" aria-keyshortcuts="a">{w.acts}<Key>a</Key></Button>
      </Menu>
      {chosen !== undefined && <ActDialog key={chosen} name={chosen} accountId={accountId} screen={screen} onClose={() => setChosen(undefined)} />}
    </>
  );
}
