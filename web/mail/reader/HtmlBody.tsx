/**
 * The HTML of a mail, in a frame of its own.
 *
 * Invariants: the frame is sandboxed without scripts, and its document is one of ours with a policy of its own
 * (src/webmail/message-frame.ts says why `allow-same-origin` is there). Nothing is fetched from elsewhere until `remote` is
 * on, and then only by our server.
 */
import { useEffect, useRef, useState } from 'react';
import { useWords } from '#ui/words.ts';
import { darkenedValue } from './dark-colours.ts';
import { fill, fit, listen, type OnLink } from './frame.ts';
import type { FrameLook } from './frame-css.ts';
import { namedColour } from './named-colour.ts';
import { remoteUrl } from './remote.ts';
import { sanitise, type Remote } from './sanitise.ts';
import { words } from './words.ts';
import styles from './Body.module.css';

export type Found = { readonly remote: number; readonly trackers: number; readonly shown: ReadonlySet<string> };

export function HtmlBody({ html, title, isDark, remote, partUrl, onFound, onLink, onTooLarge }: {
  readonly html: string;
  readonly title: string;
  readonly isDark: boolean;
  readonly remote: boolean;
  readonly partUrl: (cid: string) => string | undefined;
  readonly onFound: (found: Found) => void;
  readonly onLink: OnLink;
  readonly onTooLarge: () => void;
}) {
  const w = useWords(words);
  const ref = useRef<HTMLIFrameElement>(null);
  const [frame, setFrame] = useState<Document>();
  const [failed, setFailed] = useState(false);
  // Callbacks are of the moment in which they are called: the frame is not filled again for a new one.
  const latest = useRef({ partUrl, onFound, onLink, onTooLarge });
  useEffect(() => {
    latest.current = { partUrl, onFound, onLink, onTooLarge };
  });

  useEffect(() => {
    const element = ref.current;
    if (element === null || frame === undefined) return undefined;
    const over = new AbortController();
    const content = sanitise(html, frame, { partUrl: (cid) => latest.current.partUrl(cid), recolour: isDark ? (property, value) => darkenedValue(property, value, namedColour) : undefined });
    if (content === undefined) {
      latest.current.onTooLarge();
      return undefined;
    }
    latest.current.onFound({ remote: content.remote.length, trackers: content.trackers, shown: content.shown });
    fill(frame, content, lookOf(isDark), w.showQuoted);
    if (remote) void showRemote(content.remote, over.signal);
    const ends = [fit(element, frame), listen(element, frame, { mail: (href) => latest.current.onLink.mail(href), deceptive: (text, href) => latest.current.onLink.deceptive(text, href) })];
    return () => {
      over.abort();
      for (const end of ends) end();
    };
  }, [html, frame, isDark, remote, w.showQuoted]);

  return failed ? (
    <p>{w.broken}</p>
  ) : (
    <iframe
      ref={ref}
      className={styles['frame']}
      src="/mail-frame"
      title={title}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      onLoad={(event) => {
        const loaded = event.currentTarget.contentDocument;
        // What is not our empty page is an error of the network, and not ours to write into.
        if (loaded?.querySelector('meta[name=referrer]') == null) setFailed(true);
        else setFrame(loaded);
      }}
    />
  );
}

async function showRemote(pictures: readonly Remote[], signal: AbortSignal): Promise<void> {
  for (const { element, url } of pictures) {
    const src = await remoteUrl(url).catch(() => undefined);
    if (signal.aborted || src === undefined) return;
    element.src = src;
  }
}

/** The page's own colours; a mail in its original colours stands on white, as its sender saw it. */
function lookOf(isDark: boolean): FrameLook {
  const page = getComputedStyle(document.documentElement);
  const token = (name: string, light: string): string => (isDark || document.documentElement.dataset['theme'] !== 'dark' ? page.getPropertyValue(name).trim() : light);
  const onWhite = !isDark && document.documentElement.dataset['theme'] === 'dark';
  return { text: token('--text', '#1b2a2e'), quiet: token('--quiet', '#52636a'), link: token('--accent', '#0d5c66'), line: token('--line', '#dfdbcf'), face: page.getPropertyValue('--text-face').trim(), scheme: isDark ? 'dark' : 'light', ground: onWhite ? '#ffffff' : 'transparent' };
}
