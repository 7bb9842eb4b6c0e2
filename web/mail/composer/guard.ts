/** What happens to open composers when the tab goes, is hidden, or is online again. */

type Held = { isAnythingUnsaved(): boolean; keepAll(): void; wakeAll(): void };

let held: Held | undefined;

/** Told by the composers themselves, which are loaded later than the page. */
export function hold(given: Held): void {
  held = given;
}

/** @param isSending whether something is on its way that only this tab knows of @returns ends it */
export function guard(isSending: () => boolean): () => void {
  const onLeave = (event: BeforeUnloadEvent): void => {
    held?.keepAll();
    if (isSending() || held?.isAnythingUnsaved() === true) event.preventDefault();
  };
  const onHide = (): void => {
    if (document.visibilityState === 'hidden') held?.keepAll();
  };
  const onOnline = (): void => held?.wakeAll();
  window.addEventListener('beforeunload', onLeave);
  window.addEventListener('online', onOnline);
  document.addEventListener('visibilitychange', onHide);
  return () => {
    window.removeEventListener('beforeunload', onLeave);
    window.removeEventListener('online', onOnline);
    document.removeEventListener('visibilitychange', onHide);
  };
}
