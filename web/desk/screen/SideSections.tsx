/** The rest of the evidence, each in its calm place: locks, incoming mail, receipt, POP3, incidents, cases, changes. */
import { Link } from 'wouter';
import { number, useWords } from '#ui/words.ts';
import type { Evidence } from '#desk/screen/api.ts';
import { Chip, Facts, Nothing, Section } from '../ui/Section.tsx';
import { DELIVERY_TONES } from './plain.ts';
import { moment, often, size } from './times.ts';
import { words } from './words.ts';
import styles from './Lines.module.css';

type Part<T> = T & { readonly now: number };

export function Locks({ locks, now }: Part<{ readonly locks: Evidence['locks'] }>) {
  const w = useWords(words);
  const { distinct, ceiling, closed, inWords } = locks;
  return (
    <Section title={w.locks} icon="shield" aside={closed !== undefined && <Chip tone="bad">{w.closedUntil(moment(closed.until, now))}</Chip>}>
      {inWords.length === 0 ? <Nothing>{w.locksNone}</Nothing> : <ul className={styles['lines']}>{inWords.map((each) => <li key={each}>{each}</li>)}</ul>}
      {distinct > 0 && (
        <div>
          <svg className={styles['bar']} data-high={distinct * 2 >= ceiling || undefined} viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
            <rect width="100" height="2" />
            <rect data-part="" width={Math.min(100, (distinct / ceiling) * 100)} height="2" />
          </svg>
          <small className={styles['under']}>{w.meter(distinct, ceiling)}</small>
        </div>
      )}
    </Section>
  );
}

export function Deliveries({ deliveries, now }: Part<{ readonly deliveries: Evidence['deliveries'] }>) {
  const w = useWords(words);
  return (
    <Section title={w.deliveries} icon="inbox">
      {deliveries.length === 0 ? <Nothing>{w.deliveriesNone}</Nothing> : (
        <ul className={styles['lines']}>
          {deliveries.slice(0, 6).map((row, n) => (
            <li key={n}>
              <span className={styles['row']}><Chip tone={DELIVERY_TONES[row.outcome]}>{row.outcome}</Chip> {row.platform} <small>{often(row.times, row.firstAt, row.lastAt, now)}</small></span>
              {row.reason !== '' && <small className={styles['under']}>{row.reason}</small>}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Receipt({ receipt, now }: Part<{ readonly receipt: Evidence['receipt'] }>) {
  const w = useWords(words);
  return (
    <Section title={w.receipt} icon="check" aside={receipt !== undefined && moment(receipt.at, now)}>
      {receipt === undefined ? <Nothing>{w.receiptNone}</Nothing> : (
        <>
          <p>{w.receiptLine(number(receipt.messages), number(receipt.mailboxes), size(receipt.bytes))}</p>
          <Facts
            facts={[
              [w.way, w.fromTo(receipt.source, receipt.target)],
              [w.readBack, String(receipt.readBack)],
              [w.left, receipt.refused.length === 0 ? w.leftNone : receipt.refused.map(({ messages, failure }) => w.leftLine(messages, failure)).join(', ')],
            ]}
          />
          {receipt.unfenced && <small className={styles['under']}>{w.unfenced}</small>}
        </>
      )}
    </Section>
  );
}

export function Uidls({ uidls }: { readonly uidls: Evidence['uidls'] }) {
  const w = useWords(words);
  return (
    <Section title={w.uidls} icon="download">
      {uidls.length === 0 ? <Nothing>{w.uidlsNone}</Nothing> : (
        <ul className={styles['lines']}>
          {uidls.map(({ platform, kept, marked, epoch }) => <li key={`${platform} ${epoch}`}>{w.uidlKept(number(kept), platform)}{marked && <small className={styles['under']}>{w.uidlMarked(platform)}</small>}</li>)}
        </ul>
      )}
    </Section>
  );
}

export function Incidents({ incidents, now }: Part<{ readonly incidents: Evidence['incidents'] }>) {
  const w = useWords(words);
  return (
    <Section title={w.incidents} icon="warning">
      {incidents.length === 0 ? <Nothing>{w.incidentsNone}</Nothing> : (
        <ul className={styles['lines']}>
          {incidents.map((incident) => (
            <li key={incident.id}>
              <span className={styles['row']}>
                {incident.seen === 'people' ? <Link href={`/incidents/${incident.id}`}>{incident.title}</Link> : <b>{incident.platform}: {incident.kind}</b>}
                {incident.seen === 'people' && incident.attached && <Chip tone="accent">{w.attached}</Chip>}
                <small>{incident.endedAt === undefined ? w.since(moment(incident.beganAt, now)) : w.ended(moment(incident.endedAt, now))}</small>
              </span>
              <small className={styles['under']}>{incident.seen === 'people' ? `${incident.state}, ${incident.impact}` : [incident.protocols.join(', '), w.accountsHit(incident.accounts)].filter((each) => each !== '').join('; ')}</small>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function EarlierCases({ cases, now }: Part<{ readonly cases: Evidence['cases'] }>) {
  const w = useWords(words);
  return (
    <Section title={w.cases} icon="list">
      {cases.length === 0 ? <Nothing>{w.casesNone}</Nothing> : (
        <ul className={styles['lines']}>
          {cases.slice(0, 6).map(({ id, subject, state, openedAt }) => (
            <li key={id} className={styles['row']}>
              <Link href={`/cases/${id}`}>{subject}</Link> <Chip tone={state === 'open' ? 'accent' : 'plain'}>{state}</Chip> <small>{moment(openedAt, now)}</small>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

export function Access({ who, now }: Part<{ readonly who: Evidence['who'] }>) {
  const w = useWords(words);
  return (
    <Section title={w.identity} icon="person">
      <Facts
        facts={[
          [w.recipients, who.recipients.length === 0 ? undefined : who.recipients.join(', ')],
          [w.secretChanged, who.secretChangedAt && moment(who.secretChangedAt, now)],
          [w.secondStep, who.secondStep === undefined ? w.off : who.secondStep.everywhere ? w.secondEverywhere : w.secondWeb],
          [w.passkeys, who.passkeys === 0 ? undefined : String(who.passkeys)],
          [w.sessions, String(who.webSessions)],
          [w.appPasswords, who.appPasswords.length === 0 ? undefined : (
            <ul className={styles['lines']}>
              {who.appPasswords.map(({ id, label, lastUsedAt }) => <li key={id}>{label} <small className={styles['under']}>{lastUsedAt === undefined ? w.neverUsed : w.lastUsed(moment(lastUsedAt, now))}</small></li>)}
            </ul>
          )],
          [w.hash, who.authority === 'ours' ? undefined : who.hashHeld ? w.hashHeld : w.hashNot],
        ]}
      />
    </Section>
  );
}

export function Changes({ changes, now }: Part<{ readonly changes: Evidence['changes'] }>) {
  const w = useWords(words);
  return (
    <Section title={w.changes} icon="clock">
      {changes.length === 0 ? <Nothing>{w.changesNone}</Nothing> : (
        <ul className={styles['lines']}>
          {changes.slice(0, 8).map(({ at, actor, act, why }, n) => (
            <li key={n}>
              <span className={styles['row']}><b>{act}</b> {actor} <small>{moment(at, now)}</small></span>
              {why !== undefined && <small className={styles['under']}>{why}</small>}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
