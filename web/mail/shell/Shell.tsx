/**
 * The frame around all areas: who is signed in, where one can go, and the panes. On a phone one pane at a time, on a desk
 * mailboxes, messages and the open one side by side.
 */
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Redirect, Route, Switch, useLocation, useSearchParams } from 'wouter';
import { useWords } from '#ui/words.ts';
import { byRole, useMailboxes } from '../api/mailboxes.ts';
import { listen } from '../api/push.ts';
import type { Session } from '../api/session.ts';
import { Moved } from '../moved/Moved.tsx';
import { useAppliedPreferences } from '../settings/preferences.ts';
import { Works } from '../actions/Works.tsx';
import { News } from '../list/News.tsx';
import { readInboxAhead } from '../list/inbox-ahead.ts';
import { Shortcuts } from '../shortcuts/Shortcuts.tsx';
import { ComposerDock } from '../composer/ComposerDock.tsx';
import { Header } from './Header.tsx';
import { MailPanes } from './MailPanes.tsx';
import { Connection } from './Connection.tsx';
import { NavBar } from './NavBar.tsx';
import { words } from './words.ts';
import { Write } from './Write.tsx';
import styles from './Shell.module.css';

const Contacts = lazy(() => import('../contacts/Contacts.tsx').then(({ Contacts: component }) => ({ default: component })));
const Settings = lazy(() => import('../settings/Settings.tsx').then(({ Settings: component }) => ({ default: component })));

export function Shell({ session }: { readonly session: Session }) {
  const w = useWords(words);
  const queries = useQueryClient();
  const [isTreeOpen, setTreeOpen] = useState(false);
  const [location] = useLocation();
  const [params] = useSearchParams();
  const tree = { isTreeOpen, onTreeClose: () => setTreeOpen(false) };
  // In the first rendering, not after it.
  useState(() => void (location === '/' && readInboxAhead(queries)));
  useEffect(() => listen(queries), [queries]);
  useAppliedPreferences();
  useEffect(() => setTreeOpen(false), [location]);
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#messages">
        {w.skip}
      </a>
      <Header session={session} onMenu={() => setTreeOpen(!isTreeOpen)} isMenuOpen={isTreeOpen} />
      <Connection />
      <Switch>
        <Route path="/mail/:mailboxId/:emailId?">{({ mailboxId, emailId }) => <MailPanes of={{ mailboxId }} emailId={emailId} {...tree} />}</Route>
        <Route path="/search/:emailId?">{({ emailId }) => <MailPanes of={{ query: params.get('q') ?? '' }} emailId={emailId} {...tree} />}</Route>
        <Route path="/contacts/:contactId?">
          {({ contactId }) => (
            <Suspense fallback={null}>
              <Contacts contactId={contactId} />
            </Suspense>
          )}
        </Route>
        <Route path="/settings/:sectionId?">
          {({ sectionId }) => (
            <Suspense fallback={null}>
              <Settings sectionId={sectionId} />
            </Suspense>
          )}
        </Route>
        <Route path="/write">
          <Write />
        </Route>
        <Route path="/">
          <ToInbox />
        </Route>
        <Route>
          <main className={styles['gone']}>{w.gone}</main>
        </Route>
      </Switch>
      <Moved />
      <NavBar />
      <Shortcuts />
      <Works />
      <News />
      <ComposerDock />
    </div>
  );
}

function ToInbox() {
  const { data } = useMailboxes();
  const inbox = data === undefined ? undefined : (byRole(data, 'inbox') ?? data[0]);
  return inbox === undefined ? null : <Redirect to={`/mail/${inbox.id}`} replace />;
}
