/**
 * Ids of emails, of their parts' blobs, of threads.
 *
 * An email's id names mailbox, UIDVALIDITY and UID where it was when its id was first given: `E`, the 16 characters of the
 * mailbox's id, both numbers in base 36. What was moved to another mailbox keeps its id by the memory's aliases, what came
 * with its account from another home by what is known of the past. A blob's id is the email's or the upload's, and the
 * part's number: `E…_1_2`.
 */
import type { MailContext } from './context.ts';
import type { Location } from './memory.ts';

const EMAIL = /^E([A-Za-z0-9_-]{16})([0-9a-z]{1,8})-([0-9a-z]{1,8})$/;
const BLOB = /^(E[A-Za-z0-9_-]{16}[0-9a-z]{1,8}-[0-9a-z]{1,8}|U[A-Za-z0-9-]{1,100})((?:_[1-9]\d{0,3}){0,40})$/;
/** RFC 9051: numbers of 32 bits. */
const HIGHEST = 0xffff_ffff;

/** The id of what was never anywhere else. */
export function nativeId({ box, uidValidity, uid }: Location): string {
  return `E${box.slice(1)}${uidValidity.toString(36)}-${uid.toString(36)}`;
}

/** Ids of what is there now, in their order. */
export async function emailIdsAt(locations: readonly Location[], { access }: MailContext): Promise<string[]> {
  const { aliases } = access.memory;
  const ids = locations.map((location) => aliases.idAt(location));
  const open = locations.flatMap((location, index) => (ids[index] === undefined ? [{ location, index }] : []));
  const before = (await access.past?.idsAt(open.map(({ location }) => location))) ?? [];
  for (const [at, { location, index }] of open.entries()) ids[index] = before[at] ?? nativeId(location);
  return ids as string[];
}

/** Where messages are now; what is no email's id, or of none that is known, is left out. Throws CausewayError 'unavailable'. */
export async function locationsOf(ids: readonly string[], context: MailContext): Promise<Map<string, Location>> {
  const { memory, past } = context.access;
  const found = new Map<string, Location>();
  const named: { id: string; place: Location }[] = [];
  for (const id of new Set(ids)) {
    const moved = memory.aliases.locationOf(id);
    const place = moved ?? placeNamedBy(id);
    if (place === undefined) continue;
    if (moved !== undefined || past === undefined) found.set(id, place);
    else named.push({ id, place });
  }
  if (past === undefined || named.length === 0) return found;
  const { byId } = await context.mailboxes();
  const isHere = ({ box, uidValidity }: Location): boolean => byId.get(box)?.counts?.uidValidity === uidValidity;
  for (const [id, now] of await past.locationsOf(named.map((each) => ({ ...each, isHere: isHere(each.place) })))) found.set(id, now);
  return found;
}

export function isEmailId(id: string): boolean {
  return placeNamedBy(id) !== undefined;
}

function placeNamedBy(id: string): Location | undefined {
  const [, box, uidValidity, uid] = EMAIL.exec(id) ?? [];
  if (box === undefined || uidValidity === undefined || uid === undefined) return undefined;
  const location = { box: `M${box}`, uidValidity: Number.parseInt(uidValidity, 36), uid: Number.parseInt(uid, 36) };
  return location.uid > 0 && location.uid <= HIGHEST && location.uidValidity <= HIGHEST ? location : undefined;
}

export type BlobName = {
  /** An email's or an upload's. */
  readonly of: string;
  /** `1.2`; undefined: all of it. */
  readonly partId: string | undefined;
};

export function blobIdOf(of: string, partId: string | undefined): string {
  return partId === undefined ? of : `${of}_${partId.replaceAll('.', '_')}`;
}

export function parseBlobId(id: string): BlobName | undefined {
  const [, of, path] = BLOB.exec(id) ?? [];
  if (of === undefined || path === undefined) return undefined;
  return { of, partId: path === '' ? undefined : path.slice(1).replaceAll('_', '.') };
}

/** 255 characters of an id hold so many bytes of a Message-ID; real ones have 30 to 100. */
const ROOT_BYTES = 180;

/**
 * A thread is named by the Message-ID of its first message, so that it can be found by a search for that: the first of
 * References, else In-Reply-To, else the message's own. One without any, or with one too long, is a thread by itself.
 */
export function threadIdOf(root: string | undefined, emailId: string): string {
  const bytes = Buffer.from(root ?? '');
  return bytes.length === 0 || bytes.length > ROOT_BYTES ? `S${emailId}` : `T${bytes.toString('base64url')}`;
}

export type ThreadName = { readonly root: string } | { readonly emailId: string };

export function parseThreadId(id: string): ThreadName | undefined {
  if (id.startsWith('S') && EMAIL.test(id.slice(1))) return { emailId: id.slice(1) };
  if (!/^T[A-Za-z0-9_-]{2,250}$/.test(id)) return undefined;
  const bytes = Buffer.from(id.slice(1), 'base64url');
  const root = bytes.toString();
  // One spelling for each thread, and nothing in it that is no Message-ID.
  return bytes.toString('base64url') === id.slice(1) && Buffer.from(root).equals(bytes) && !/[\s<>\p{Cc}]/u.test(root) ? { root } : undefined;
}
