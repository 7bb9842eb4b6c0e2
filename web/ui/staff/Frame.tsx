/** The frame of desk and console: name of the app, its search, its areas, the way to the other app, and who is there. */
import { useState, type ReactNode } from 'react';
import type { StaffSignedOut } from '#staff/api.ts';
import { Icon } from '../Icon.tsx';
import { Menu, MenuItem, MenuLine } from '../Menu.tsx';
import { classes } from '../classes.ts';
import type { IconName } from '../icons.ts';
import { setTheme, useTheme, type Theme } from '../theme.ts';
import { useWords } from '../words.ts';
import { ask } from './ask.ts';
import { Own } from './Own.tsx';
import { roleIn } from './role.ts';
import { useMay, useStaff } from './who.ts';
import { words } from './words.ts';
import styles from './Frame.module.css';

const THEMES: readonly (readonly [Theme, IconName])[] = [['light', 'sun'], ['dark', 'moon'], ['system', 'settings']];

export type FrameProps = {
  /** The app's name, as people call it. */
  readonly app: string;
  readonly here: 'desk' | 'console';
  /** In the middle of the bar: a search. */
  readonly middle?: ReactNode;
  /** Links to the app's areas: `Place`s. */
  readonly places?: ReactNode;
  readonly children: ReactNode;
};

export function Frame({ app, here, middle, places, children }: FrameProps) {
  const w = useWords(words);
  const may = useMay();
  const staff = useStaff();
  const role = roleIn(w, staff.role);
  const theme = useTheme();
  const [isOwnOpen, setOwnOpen] = useState(false);
  return (
    <div className={styles['frame']}>
      <a className={styles['skip']} href="#content">
        {w.skip}
      </a>
      <header className={styles['header']}>
        <a className={styles['brand']} href={`/${here}/`}>
          <img src={new URL('../mark.svg', import.meta.url).href} alt="" width={28} height={28} />
          <span>{app}</span>
        </a>
        <div className={styles['middle']}>{middle}</div>
        <nav className={styles['places']} aria-label={w.areas}>
          {places}
          {here === 'desk' && may('plan.read') && <OtherApp href="/console/" icon="moved" label={w.console} />}
          {here === 'console' && may('desk.find') && <OtherApp href="/desk/" icon="people" label={w.desk} />}
        </nav>
        <Menu
          items={
            <>
              {THEMES.map(([each, icon]) => (
                <MenuItem key={each} icon={each === theme ? 'check' : icon} onSelect={() => setTheme(each)}>
                  {w[each]}
                </MenuItem>
              ))}
              <MenuLine />
              <MenuItem icon="key" onSelect={() => setOwnOpen(true)}>
                {w.own}
              </MenuItem>
              <MenuItem icon="sign-out" onSelect={() => void signOut(`/${here}/`)}>
                {w.signOut}
              </MenuItem>
            </>
          }
        >
          <button type="button" className={styles['person']}>
            <span className={styles['avatar']} aria-hidden="true">
              {staff.name.slice(0, 1).toUpperCase()}
            </span>
            <span className={styles['who']}>
              <b>{staff.name}</b>
              <small>{role}</small>
            </span>
            <span className="unseen">{w.account}</span>
          </button>
        </Menu>
      </header>
      <main id="content" className={styles['content']} tabIndex={-1}>
        {children}
      </main>
      {isOwnOpen && <Own onClose={() => setOwnOpen(false)} />}
    </div>
  );
}

function OtherApp({ href, icon, label }: { readonly href: string; readonly icon: IconName; readonly label: string }) {
  return (
    <a className={classes(styles['place'], styles['other'])} href={href}>
      <Icon name={icon} size={18} />
      <span>{label}</span>
    </a>
  );
}

/** An area of the app, in its bar. `current`: it is the one that is shown. */
export function Place({ icon, label, current, onGo, href }: { readonly icon: IconName; readonly label: string; readonly current: boolean; readonly href: string; /** Without loading the page. */ readonly onGo: () => void }) {
  return (
    <a
      className={styles['place']}
      href={href}
      aria-current={current ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        onGo();
      }}
    >
      <Icon name={icon} size={18} />
      <span>{label}</span>
    </a>
  );
}

/** Who came in by the identity provider goes on to there, so that the next person at this machine is not let in by it. */
async function signOut(home: string): Promise<void> {
  const { url } = await ask<StaffSignedOut>('/api/staff/sign-out', {}).catch((): StaffSignedOut => ({}));
  window.location.assign(url ?? home);
}
