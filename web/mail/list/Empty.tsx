/** What an empty list shows: a small scene of the coast, and a sentence. */
import styles from './Empty.module.css';

const SCENES = {
  /** A paper boat, the horizon behind. */
  boat: (
    <>
      <circle className={styles['light']} cx="118" cy="38" r="13" />
      <path className={styles['far']} d="M12 66h136" />
      <g className={styles['rocks']}>
        <path className={styles['paper']} d="M56 62h48l-9 15H65z" />
        <path className={styles['paper']} d="M80 36v26H62z" />
        <path className={styles['shade']} d="M80 36v26h18z" />
      </g>
      <path className={styles['sea']} d="M10 80c10-6 18-6 28 0s18 6 28 0 18-6 28 0 18 6 28 0 18-6 28 0" />
      <path className={styles['sea']} d="M28 91c8-5 14-5 22 0s14 5 22 0 14-5 22 0 14 5 22 0" />
    </>
  ),
  /** A lighthouse, its beam over nothing. */
  light: (
    <>
      <path className={styles['beam']} d="M84 35 150 16v42z" />
      <path className={styles['paper']} d="M70 44h20l5 42H65z" />
      <path className={styles['shade']} d="M80 44h10l5 42H80z" />
      <path className={styles['light']} d="M72 30h16v14H72z" />
      <path className={styles['line']} d="M69 44h22M72 30l8-8 8 8" />
      <path className={styles['sea']} d="M10 88c10-6 18-6 28 0s18 6 28 0 18-6 28 0 18 6 28 0 18-6 28 0" />
    </>
  ),
  /** A shell on the sand. */
  shell: (
    <>
      <path className={styles['far']} d="M12 52h136" />
      <path className={styles['sea']} d="M14 61c9-5 16-5 25 0s16 5 25 0 16-5 25 0 16 5 25 0 16-5 25 0" />
      <path className={styles['paper']} d="M80 90C58 90 52 74 58 68c6 2 8-8 15-7 3-5 11-5 14 0 7-1 9 9 15 7 6 6 0 22-22 22z" />
      <path className={styles['line']} d="M80 89V62M80 89l-15-21M80 89l15-21" />
      <path className={styles['far']} d="M40 96h80" />
    </>
  ),
} as const;

/** @param isTitle it stands for the whole page, not below a title */
export function Empty({ scene, title, text, isTitle = false }: { readonly scene: keyof typeof SCENES; readonly title: string; readonly text: string; readonly isTitle?: boolean }) {
  const Heading = isTitle ? 'h1' : 'h2';
  return (
    <div className={styles['empty']} role="status">
      <svg viewBox="0 0 160 104" width={200} height={130} aria-hidden="true" focusable="false">
        {SCENES[scene]}
      </svg>
      <Heading>{title}</Heading>
      <p>{text}</p>
    </div>
  );
}
