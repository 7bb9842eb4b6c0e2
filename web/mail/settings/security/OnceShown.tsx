/** What is shown once: to be copied, or kept as a file, before it is gone. */
import { Button } from '#ui/Button.tsx';
import { showToast } from '#ui/toasts.ts';
import { useWords } from '#ui/words.ts';
import { words } from './words.ts';
import form from '../Form.module.css';
import styles from './Security.module.css';

/** @param file its name, where it may be kept as one */
export function OnceShown({ lines, label, file }: { readonly lines: readonly string[]; readonly label: string; readonly file?: string }) {
  const w = useWords(words);
  const text = lines.join('\n');
  return (
    <div className={form['stack']}>
      <ul className={styles['codes']} aria-label={label} data-many={lines.length > 1 || undefined}>
        {lines.map((line) => (
          <li key={line}>
            <code>{line}</code>
          </li>
        ))}
      </ul>
      <div className={form['row']}>
        <Button icon="check" onClick={() => void navigator.clipboard.writeText(text).then(() => showToast({ text: w.copied }), () => showToast({ kind: 'bad', text: w.notCopied }))}>
          {w.copy}
        </Button>
        {file !== undefined && (
          <Button
            icon="download"
            onClick={() => {
              const url = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
              const link = document.createElement('a');
              link.href = url;
              link.download = file;
              link.click();
              URL.revokeObjectURL(url);
            }}
          >
            {w.keepFile}
          </Button>
        )}
      </div>
    </div>
  );
}
