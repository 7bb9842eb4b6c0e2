/** Who is on the line: to be checked against what the caller says. */
import { useWords } from '#ui/words.ts';
import type { Evidence } from '#desk/screen/api.ts';
import { Chip } from '../ui/Section.tsx';
import { words } from './words.ts';
import styles from './Who.module.css';

export function Who({ who }: { readonly who: Evidence['who'] }) {
  const w = useWords(words);
  const others = who.loginNames.filter((name) => name !== who.address);
  return (
    <div className={styles['who']}>
      <h1 tabIndex={-1} id="caller">{who.name ?? who.address}</h1>
      <Chip tone={who.state === 'active' ? 'good' : 'bad'}>{who.state}</Chip>
      <p>
        {who.name !== undefined && <span className={styles['address']}>{who.address}</span>}
        {who.customerNumber !== undefined && <span>{w.customer} {who.customerNumber}</span>}
        {who.phones.map((phone) => <span key={phone}>{phone}</span>)}
        {others.length > 0 && <span>{w.signsInAs} {others.join(', ')}</span>}
      </p>
    </div>
  );
}
