/** The card in which customers and staff sign in, its form, and what stands between the ways in. */
import type { ReactNode } from 'react';
import styles from './SignIn.module.css';

export function SignInCard({ app, title, lead, told, isCalm = false, children }: {
  /** Over the title: which app it is, where there are several. */
  readonly app?: string;
  readonly title: string;
  readonly lead: string;
  /** What did not work. */
  readonly told: string | undefined;
  /** It is no one's mistake: an outage. */
  readonly isCalm?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <main className={styles['page']}>
      <div className={styles['card']}>
        <img className={styles['mark']} src={new URL('../mark.svg', import.meta.url).href} alt="" width={44} height={44} />
        <header className={styles['head']}>
          {app !== undefined && <p className={styles['app']}>{app}</p>}
          <h1>{title}</h1>
          <p className={styles['lead']}>{lead}</p>
        </header>
        <div role="alert">
          {told !== undefined && (
            <p className={styles['told']} data-calm={isCalm || undefined}>
              {told}
            </p>
          )}
        </div>
        {children}
      </div>
    </main>
  );
}

/** Sent by Enter and by its button; what is wrong in it is ours to say, not the browser's. */
export function SignInForm({ onSubmit, children }: { readonly onSubmit: () => void; readonly children: ReactNode }) {
  return (
    <form
      className={styles['form']}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

export function Or({ children }: { readonly children: string }) {
  return <p className={styles['or']}>{children}</p>;
}
