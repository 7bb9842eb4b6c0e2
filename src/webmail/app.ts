/** The portal's HTTP app: the page, signing in, JMAP, what a mail is shown in and what it shows from elsewhere. */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import { addAssets, addPage, type Site } from '#http/static.ts';
import type { AskSignIn } from '#gateway/ask-sign-in.ts';
import type { Store } from '#store/index.ts';
import type { PassSeal } from './pass-cookie.ts';
import type { AccessOf } from './access.ts';
import type { Contacts } from './contacts/book.ts';
import { addContactsApi } from './contacts/contacts-api.ts';
import { addFiltersApi } from './filters/filters-api.ts';
import { addJmapApi, countsBodies } from './jmap-api.ts';
import { addMessageFrame } from './message-frame.ts';
import { LIMITS } from './jmap/limits.ts';
import { toldOf } from './refusal.ts';
import { addAnswerApi } from './moved/answer-api.ts';
import { addMovedApi } from './moved/moved-api.ts';
import { addRemoteContent } from './remote-content.ts';
import type { FetchImage } from './remote/fetch-image.ts';
import type { RemoteLeave } from './remote/signature.ts';
import { sameSite } from '#http/same-site.ts';
import type { Security } from './security/security.ts';
import type { SessionNotes } from './session-notes.ts';
import type { SettingsOf } from './settings/account-settings.ts';
import { addSettingsApi } from './settings/settings-api.ts';
import { addSignInApi, told } from './sign-in-api.ts';
import type { Uploads } from './uploads.ts';
import type { Watch } from './watch.ts';
import type { Who } from './who.ts';

export type PortalAppParts = {
  readonly ask: AskSignIn['ask'];
  readonly who: Who;
  readonly security: Security;
  readonly seal: PassSeal;
  readonly notes: SessionNotes;
  readonly accessOf: AccessOf;
  readonly watch: Watch;
  readonly uploads: Uploads;
  readonly store: Store;
  readonly settingsOf: SettingsOf;
  readonly contacts: Contacts;
  readonly holdBack: (since: number, signal: AbortSignal) => Promise<void>;
  /** Where customers find the portal. */
  readonly url: string | undefined;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly leave: RemoteLeave;
  readonly fetchImage: FetchImage;
  readonly clock: Clock;
  readonly emit: Emit;
  /** The built pages. */
  readonly site: Site;
};

/** Where the page finds out by itself what is meant. */
const PATHS = ['/', '/sign-in', '/mail/*', '/search', '/search/*', '/write', '/contacts', '/contacts/*', '/settings', '/settings/*'];
/** Scripts and styles of our own only; pictures also from what the page has made itself; frames for mail's own HTML. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self' blob:; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export function createPortalApp(parts: PortalAppParts): App {
  const app = createApp(parts.emit, (c, failure, error) => {
    const refusal = toldOf(error);
    return refusal === undefined ? tellInJson(c, failure) : told(c, refusal);
  }, LIMITS.maxSizeUpload, countsBodies);
  addAssets(app, parts.site);
  addPage(app, parts.site, 'mail/index.html', PATHS, POLICY);
  app.use(sameSite);
  // Before what limits bodies to a name and a secret.
  addSettingsApi(app, parts);
  addContactsApi(app, parts);
  addFiltersApi(app, parts);
  addSignInApi(app, { ...parts, ...parts.security });
  parts.security.add(app);
  addMovedApi(app, parts);
  addAnswerApi(app, parts);
  addJmapApi(app, parts);
  addMessageFrame(app);
  addRemoteContent(app, parts);
  return app;
}
