/** Where one can go: on a phone a bar under the thumb, on a desk the end of the header. */
import { Link, useRoute } from 'wouter';
import { Icon } from '#ui/Icon.tsx';
import type { IconName } from '#ui/icons.ts';
import { useWords } from '#ui/words.ts';
import { openComposer } from '../composer/open.ts';
import { words } from './words.ts';
import styles from './NavBar.module.css';

export function NavBar() {
  const w = useWords(words);
  return (
    <nav className={styles['bar']} aria-label={w.areas}>
      <Place path="/" icon="inbox" label={w.mail} pattern="/mail/*" />
      <Place path="/search" icon="search" label={w.search} pattern="/search/*?" />
      <button type="button" className={styles['write']} onClick={() => openComposer({ kind: 'new' })} aria-label={w.write} title={w.write}>
        <Icon name="compose" size={24} />
      </button>
      <Place path="/contacts" icon="people" label={w.contacts} pattern="/contacts/*?" />
      <Place path="/settings" icon="settings" label={w.settings} pattern="/settings/*?" />
    </nav>
  );
}

export function Place({ path, icon, label, pattern }: { readonly path: string; readonly icon: IconName; readonly label: string; readonly pattern: string }) {
  const [isHere] = useRoute(pattern);
  return (
    <Link className={styles['place']} href={path} aria-current={isHere ? 'page' : undefined} title={label}>
      <Icon name={icon} size={22} />
      <span>{label}</span>
    </Link>
  );
}
