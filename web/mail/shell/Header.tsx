/** The bar at the top: mailboxes (on a phone), search, where else one can go, the account. */
import { useQueryClient } from '@tanstack/react-query';
import { Link } from 'wouter';
import { IconButton } from '#ui/Button.tsx';
import { Menu, MenuItem, MenuLine } from '#ui/Menu.tsx';
import { setTheme, useTheme, type Theme } from '#ui/theme.ts';
import type { IconName } from '#ui/icons.ts';
import { LANGUAGES, setLanguage, useLanguage, useWords, type Language } from '#ui/words.ts';
import { call } from '../api/http.ts';
import type { Session } from '../api/session.ts';
import { copies } from '../composer/copies.ts';
import { useSavePreferences } from '../settings/preferences.ts';
import { SearchBox } from '../search/SearchBox.tsx';
import { Place } from './NavBar.tsx';
import { words } from './words.ts';
import styles from './Header.module.css';

const THEMES: readonly (readonly [Theme, IconName])[] = [['light', 'sun'], ['dark', 'moon'], ['system', 'settings']];

export function Header({ session, onMenu, isMenuOpen }: { readonly session: Session; readonly onMenu: () => void; readonly isMenuOpen: boolean }) {
  const w = useWords(words);
  const queries = useQueryClient();
  const theme = useTheme();
  const language = useLanguage();
  const save = useSavePreferences();
  const signOut = async (): Promise<void> => {
    await call('/api/sign-out', { json: {} });
    copies().forgetAll();
    queries.clear();
    window.location.assign('/');
  };
  return (
    <header className={styles['header']}>
      <span className={styles['menu']}>
        <IconButton icon="menu" label={w.menu} aria-expanded={isMenuOpen} onClick={onMenu} />
      </span>
      <Link className={styles['brand']} href="/" aria-label={w.mail}>
        <img src={new URL('../../ui/mark.svg', import.meta.url).href} alt="" width={28} height={28} />
        <span>{w.mail}</span>
      </Link>
      <div className={styles['middle']}>
        <SearchBox />
      </div>
      <nav className={styles['places']} aria-label={w.areas}>
        <Place path="/" icon="inbox" label={w.mail} pattern="/mail/*" />
        <Place path="/contacts" icon="people" label={w.contacts} pattern="/contacts/*?" />
        <Place path="/settings" icon="settings" label={w.settings} pattern="/settings/*?" />
      </nav>
      <Menu
        items={
          <>
            {THEMES.map(([each, icon]) => (
              <MenuItem key={each} icon={each === theme ? 'check' : icon} onSelect={() => (setTheme(each), void save({ theme: each }))}>
                {w[each]}
              </MenuItem>
            ))}
            <MenuLine />
            {(Object.keys(LANGUAGES) as Language[]).map((each) => (
              <MenuItem key={each} icon={each === language ? 'check' : 'globe'} onSelect={() => (setLanguage(each), void save({ language: each }))}>
                {LANGUAGES[each]}
              </MenuItem>
            ))}
            <MenuLine />
            <MenuItem icon="sign-out" onSelect={() => void signOut()}>
              {w.signOut}
            </MenuItem>
          </>
        }
      >
        <button type="button" className={styles['avatar']} aria-label={w.account(session.username)} title={session.username}>
          {session.username.slice(0, 1).toUpperCase()}
        </button>
      </Menu>
    </header>
  );
}
