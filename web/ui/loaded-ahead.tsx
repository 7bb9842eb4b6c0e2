/**
 * A component in a file of its own, which is loaded before it is wanted.
 *
 * Invariant: once the file is there it is shown in the same turn. React's `lazy` waits for a promise even then, and what
 * has waited in `Suspense` is shown 300 ms after what stood for it: that was half of the way from a password to a list.
 */
import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

/**
 * @param find imports the file and takes the component out of it
 * @param meanwhile is shown while the file is on its way
 * @returns the component, which throws as `lazy` does when the file does not come; and what loads it ahead
 */
export function loadedAhead<Props extends object>(find: () => Promise<ComponentType<Props>>, meanwhile: ReactNode = null): readonly [ComponentType<Props>, () => Promise<void>] {
  let found: ComponentType<Props> | undefined;
  const load = async (): Promise<void> => {
    found ??= await find();
  };
  function Loaded(props: Props) {
    const [, setState] = useState(found !== undefined);
    const isThere = found !== undefined;
    useEffect(() => {
      if (isThere) return;
      load().then(
        () => setState(true),
        (error: unknown) =>
          setState(() => {
            throw error;
          }),
      );
    }, [isThere]);
    const Component = found;
    return Component === undefined ? meanwhile : <Component {...props} />;
  }
  return [Loaded, load];
}
