/** What a reader should know before he believes a mail, and what was kept from him. */
import { Button } from '#ui/Button.tsx';
import { Icon } from '#ui/Icon.tsx';
import { useWords } from '#ui/words.ts';
import type { Doubt } from './trust.ts';
import { words } from './words.ts';
import styles from './Message.module.css';

export function Doubts({ doubts }: { readonly doubts: readonly Doubt[] }) {
  const w = useWords(words);
  const text = (doubt: Doubt): string => {
    switch (doubt.kind) {
      case 'name':
        return w.doubtName(doubt.shown, doubt.real);
      case 'letters':
        return w.doubtLetters(doubt.real);
      case 'reply':
        return w.doubtReply(doubt.reply);
      case 'dmarc':
        return w.doubtDmarc(doubt.real);
    }
  };
  return doubts.map((doubt) => (
    <p key={doubt.kind} className={styles['doubt']} role="note">
      <Icon name="warning" size={18} />
      <span>{text(doubt)}</span>
    </p>
  ));
}

export function RemoteNotice({ sender, isDoubtful, onOnce, onAlways }: { readonly sender: string | undefined; readonly isDoubtful: boolean; readonly onOnce: () => void; readonly onAlways: () => void }) {
  const w = useWords(words);
  return (
    <div className={styles['notice']} role="note">
      <Icon name="shield" size={18} />
      <span>{isDoubtful ? w.remoteOffDoubt : w.remoteOff}</span>
      <span className={styles['choices']}>
        <Button kind="quiet" onClick={onOnce}>
          {w.remoteOnce}
        </Button>
        {sender !== undefined && !isDoubtful && (
          <Button kind="quiet" onClick={onAlways}>
            {w.remoteAlways(sender)}
          </Button>
        )}
      </span>
    </div>
  );
}
