/** All keys of an app and what they do, with the switch that turns them off. */
import { Fragment } from 'react';
import { Dialog } from '../Dialog.tsx';
import { useWords } from '../words.ts';
import type { Keymap } from './press.ts';
import { setShortcutsOn, useShortcutsOn } from './switch.ts';
import { words } from './words.ts';
import styles from './KeySheet.module.css';

/** @param names of the commands and of the groups */
export function KeySheet<C extends string, G extends string>({ keymap, groups, names, onClose }: { readonly keymap: Keymap<C, G>; readonly groups: readonly G[]; readonly names: Readonly<Record<C | G, string>>; readonly onClose: () => void }) {
  const w = useWords(words);
  const isOn = useShortcutsOn();
  return (
    <Dialog title={w.title} onClose={onClose} wide>
      <label className={styles['switch']}>
        <input type="checkbox" checked={isOn} onChange={(event) => setShortcutsOn(event.target.checked)} />
        <span>
          <b>{w.on}</b>
          <small>{w.hint}</small>
        </span>
      </label>
      <div className={styles['groups']} data-off={!isOn || undefined}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{names[group]}</h3>
            <dl>
              {(Object.keys(keymap) as C[])
                .filter((command) => keymap[command].group === group)
                .map((command) => (
                  <div key={command}>
                    <dt>{names[command]}</dt>
                    <dd>
                      {keymap[command].keys.map((keys, n) => (
                        <Fragment key={keys}>
                          {n > 0 && <small> {w.or} </small>}
                          {keys.split(' ').map((key, at) => (
                            <Fragment key={key}>
                              {at > 0 && <small> {w.andThen} </small>}
                              <kbd>{key}</kbd>
                            </Fragment>
                          ))}
                        </Fragment>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
