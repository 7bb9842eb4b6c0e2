/**
 * New mail, told outside of the page: by the browser's notifications, in the tab's title, on the app's icon.
 *
 * Invariants: the browser is asked only when its owner wants it. Only what came in after the page was opened is told, once,
 * and only while nobody looks at the page.
 */
import { jmap, refer } from '../api/jmap.ts';
import type { Email, GetAnswer, QueryAnswer } from '../api/types.ts';
import { say } from '#ui/words.ts';
import { nameOf } from './people.ts';
import { getListPreferences, setListPreferences } from './preferences.ts';
import { NEWEST_FIRST } from '#webmail/start/api.ts';
import { words } from './words.ts';

/** More than that is one notification: so many came. */
const ONE_BY_ONE = 3;
const LOOKED_AT = 20;

/** By a click. @returns whether it may */
export async function askToNotify(): Promise<boolean> {
  if (!('Notification' in window)) return false;
  const may = (await Notification.requestPermission()) === 'granted';
  setListPreferences({ notify: may });
  return may;
}

export type News = { readonly told: ReadonlySet<string>; readonly fresh: readonly Pick<Email, 'id' | 'from' | 'subject'>[] };

/** What of the newest unread mail was not told yet. @param since moment at which the page was opened */
export function freshOf(emails: readonly Pick<Email, 'id' | 'from' | 'subject' | 'receivedAt'>[], told: ReadonlySet<string>, since: number): News {
  const fresh = emails.filter(({ id, receivedAt }) => !told.has(id) && Date.parse(receivedAt) >= since);
  return { told: new Set([...told, ...fresh.map(({ id }) => id)].slice(-1_000)), fresh };
}

let told: ReadonlySet<string> = new Set();
const opened = Date.now();

/** @param open shows an email of the inbox */
export async function tellNews(inboxId: string, open: (id: string) => void): Promise<void> {
  if (!getListPreferences().notify || !('Notification' in window) || Notification.permission !== 'granted') return;
  const [, emails] = await jmap<readonly [QueryAnswer, GetAnswer<Email>]>([
    ['Email/query', { filter: { inMailbox: inboxId, notKeyword: '$seen', after: `${new Date(opened).toISOString().slice(0, 19)}Z` }, sort: NEWEST_FIRST, limit: LOOKED_AT }, 'q'],
    ['Email/get', { '#ids': refer('q', 'Email/query', '/ids'), properties: ['id', 'from', 'subject', 'receivedAt'] }, 'g'],
  ]);
  const news = freshOf(emails.list, told, opened - 1_000);
  ({ told } = news);
  if (document.visibilityState === 'visible' && document.hasFocus()) return;
  const w = say(words);
  const show = (title: string, body: string, id: string | undefined): void => {
    const notification = new Notification(title, { body, tag: id ?? 'several' });
    notification.addEventListener('click', () => {
      window.focus();
      if (id !== undefined) open(id);
      notification.close();
    });
  };
  if (news.fresh.length > ONE_BY_ONE) show(w.newMails(news.fresh.length), '', undefined);
  else for (const { id, from, subject } of news.fresh) show(w.newMail(from?.[0] === undefined ? w.nobody : nameOf(from[0])), subject ?? '', id);
}

/** Nobody waits for the icon; its first change takes a browser some milliseconds, in which a list can be shown. */
const BADGE_MS = 1_000;
let badge: ReturnType<typeof setTimeout> | undefined;

/** @param unread in the inbox */
export function showUnread(unread: number): void {
  const { title } = say(words);
  document.title = unread > 0 ? `(${unread}) ${title}` : title;
  if (!('setAppBadge' in navigator)) return;
  clearTimeout(badge);
  badge = setTimeout(() => void (unread > 0 ? navigator.setAppBadge(unread) : navigator.clearAppBadge()).catch(() => {}), BADGE_MS);
}
