/** By what one signs in: the password, passkeys, the code after it, app passwords. */
import { useWords } from '#ui/words.ts';
import { AppPasswords } from './AppPasswords.tsx';
import { useFacts } from './data.ts';
import { Passkeys } from './Passkeys.tsx';
import { Password } from './Password.tsx';
import { SecondStep } from './SecondStep.tsx';
import { SureProvider } from './Sure.tsx';
import { words } from './words.ts';
import form from '../Form.module.css';

export function Security() {
  const w = useWords(words);
  const { data: facts, isError } = useFacts();
  if (facts === undefined) return <p className={form['quiet']} role="status">{isError ? w.unavailable : w.loading}</p>;
  return (
    <SureProvider>
      <div className={form['stack']}>
        <Password facts={facts} />
        <Passkeys facts={facts} />
        <SecondStep facts={facts} />
        <AppPasswords facts={facts} />
      </div>
    </SureProvider>
  );
}
