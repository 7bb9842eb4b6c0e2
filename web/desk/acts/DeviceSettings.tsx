/** The right settings for one device: to read out step by step, to scan, or, for an iPhone, as a profile to send. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#ui/Button.tsx';
import { Choice } from '#ui/Choice.tsx';
import { Dialog } from '#ui/Dialog.tsx';
import { QrCode } from '#ui/QrCode.tsx';
import { saveFile } from '#ui/save-file.ts';
import { sentenceOf } from '#ui/staff/ask.ts';
import { useWords } from '#ui/words.ts';
import type { DeviceKind } from '#desk/acts/api.ts';
import { moment } from '../screen/times.ts';
import { DEVICE_NAMES, deviceOf } from './devices.ts';
import { perform } from './perform.ts';
import { ACT_WORDS, words } from './words.ts';
import styles from './ActDialog.module.css';

/** @param guess what the caller's last device most likely is */
export function DeviceSettings({ accountId, guess, onClose }: { readonly accountId: number; readonly guess: string; readonly onClose: () => void }) {
  const w = useWords(words);
  const [device, setDevice] = useState(() => deviceOf(guess));
  const { data, error } = useQuery({ queryKey: ['device-settings', accountId, device], queryFn: () => perform(accountId, 'device-settings', { why: w.settingsWhy, device }), select: ({ shown }) => (shown.kind === 'device-settings' ? shown : undefined), staleTime: Number.POSITIVE_INFINITY });
  return (
    <Dialog
      title={ACT_WORDS['device-settings'].name}
      onClose={onClose}
      wide
      acts={
        <>
          {data?.profile !== undefined && <Button icon="download" onClick={() => saveFile(new Blob([data.profile!], { type: 'application/x-apple-aspen-config' }), 'mail.mobileconfig')}>{w.profile}</Button>}
          <Button kind="main" onClick={onClose}>{w.close}</Button>
        </>
      }
    >
      <div className={styles['form']}>
        <Choice label={w.whichDevice} value={device} options={(Object.keys(DEVICE_NAMES) as DeviceKind[]).map((value) => ({ value, text: DEVICE_NAMES[value] }))} onChange={setDevice} />
        {data === undefined ? <p role="status">{error === null ? w.loading : sentenceOf(error, w.failed)}</p> : (
          <div className={styles['settings']}>
            <section aria-label={w.steps}>
              <h3>{w.steps}</h3>
              <ol className={styles['steps']}>{data.steps.map((step) => <li key={step}>{step}</li>)}</ol>
            </section>
            {data.link === undefined ? <QrCode text={data.qr} label={w.qr} /> : <QrCode text={data.link.url} label={w.scanProfile} />}
            {data.link !== undefined && (
              <p className={styles['link']}>
                {w.profileLink(moment(data.link.expiresAt, Date.now()))} <span>{data.link.url}</span>
              </p>
            )}
          </div>
        )}
      </div>
    </Dialog>
  );
}
