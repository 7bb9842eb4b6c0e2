/** The desk: the search in the bar, from anywhere; below it one caller, or one of the areas. */
import { lazy, Suspense, useState } from 'react';
import { Route, Router, Switch, useLocation } from 'wouter';
import { useKeys } from '#ui/keys/use-keys.ts';
import type { IconName } from '#ui/icons.ts';
import { Place } from '#ui/staff/Frame.tsx';
import { StaffApp } from '#ui/staff/StaffApp.tsx';
import { useWords } from '#ui/words.ts';
import { FindBox } from '../find/FindBox.tsx';
import { ScreenPage } from '../screen/ScreenPage.tsx';
import { type Command, type CommandGroup, GROUPS, KEYMAP, press, runCommand, useCommand } from './keymap.ts';
import { useTellPresence } from './shift.ts';
import { Start } from './Start.tsx';
import { words } from './words.ts';
import styles from './App.module.css';

const KeySheet = lazy(() => import('#ui/keys/KeySheet.tsx').then(({ KeySheet: component }) => ({ default: component<Command, CommandGroup> })));
const CasesPage = lazy(() => import('../cases/CasesPage.tsx').then(({ CasesPage: component }) => ({ default: component })));
const CasePage = lazy(() => import('../cases/CasePage.tsx').then(({ CasePage: component }) => ({ default: component })));
const IncidentsPage = lazy(() => import('../incidents/IncidentsPage.tsx').then(({ IncidentsPage: component }) => ({ default: component })));
const AffectedPage = lazy(() => import('../affected/AffectedPage.tsx').then(({ AffectedPage: component }) => ({ default: component })));
const MacrosPage = lazy(() => import('../macros/MacrosPage.tsx').then(({ MacrosPage: component }) => ({ default: component })));
const ShiftsPage = lazy(() => import('../shifts/ShiftsPage.tsx').then(({ ShiftsPage: component }) => ({ default: component })));
const LoadPage = lazy(() => import('../load/LoadPage.tsx').then(({ LoadPage: component }) => ({ default: component })));

export function App() {
  const w = useWords(words);
  return (
    <Router base="/desk">
      <StaffApp app={w.app} here="desk" middle={<FindBox />} places={<Places />}>
        <div className={styles['page']}>
          <Suspense fallback={null}>
            <Areas />
          </Suspense>
        </div>
        <Keys />
      </StaffApp>
    </Router>
  );
}

function Areas() {
  const w = useWords(words);
  return (
    <Switch>
      <Route path="/">{() => <Start />}</Route>
      <Route path="/account/:id">{({ id }) => <ScreenPage key={id} accountId={Number(id)} />}</Route>
      <Route path="/cases">{() => <CasesPage />}</Route>
      <Route path="/cases/:id">{({ id }) => <CasePage key={id} caseId={Number(id)} />}</Route>
      <Route path="/incidents/:id?">{({ id }) => <IncidentsPage incidentId={id} />}</Route>
      <Route path="/affected">{() => <AffectedPage />}</Route>
      <Route path="/macros/:id?">{({ id }) => <MacrosPage chosen={id} />}</Route>
      <Route path="/shifts">{() => <ShiftsPage />}</Route>
      <Route path="/load">{() => <LoadPage />}</Route>
      <Route>
        <p>{w.gone}</p>
      </Route>
    </Switch>
  );
}

/** `also`: what is reached from it, and belongs to it. */
const PLACES: readonly { readonly path: string; readonly icon: IconName; readonly word: 'placeCases' | 'placeIncidents' | 'placeAffected' | 'placeLoad'; readonly command: Command; readonly also?: { readonly path: string; readonly command: Command } }[] = [
  { path: '/cases', icon: 'list', word: 'placeCases', command: 'goCases', also: { path: '/macros', command: 'goMacros' } },
  { path: '/incidents', icon: 'warning', word: 'placeIncidents', command: 'goIncidents' },
  { path: '/affected', icon: 'people', word: 'placeAffected', command: 'goAffected' },
  { path: '/load', icon: 'clock', word: 'placeLoad', command: 'goLoad', also: { path: '/shifts', command: 'goShifts' } },
];

function Places() {
  const w = useWords(words);
  const [location, go] = useLocation();
  return PLACES.map(({ path, icon, word, command, also }) => (
    <span key={path}>
      <Place icon={icon} label={w[word]} href={`/desk${path}`} current={location.startsWith(path) || (also !== undefined && location.startsWith(also.path))} onGo={() => go(path)} />
      <Way command={command} path={path} />
      {also !== undefined && <Way command={also.command} path={also.path} />}
    </span>
  ));
}

function Way({ command, path }: { readonly command: Command; readonly path: string }) {
  const [, go] = useLocation();
  useCommand(command, () => go(path));
  return null;
}

function Keys() {
  const w = useWords(words);
  const [isOpen, setOpen] = useState(false);
  useKeys(press, runCommand);
  useTellPresence();
  useCommand('help', () => setOpen(true));
  return isOpen ? (
    <Suspense>
      <KeySheet keymap={KEYMAP} groups={GROUPS} names={w} onClose={() => setOpen(false)} />
    </Suspense>
  ) : null;
}
