/**
 * Patches of emails (RFC 8620 section 5.3) and what undoes them.
 *
 * Invariant: the undoing patch names just what the patch named, with the values that were there before, so it leaves alone
 * what happened to the email in between.
 */
export type Patch = Readonly<Record<string, unknown>>;

/** What can be patched of an email. Values are `true`, always. */
export type Patched = { readonly mailboxIds: Readonly<Record<string, boolean>>; readonly keywords: Readonly<Record<string, boolean>> };

export const moveTo = (mailboxId: string): Patch => ({ mailboxIds: { [mailboxId]: true } });

/** @param keyword as RFC 8621 section 4.1.1 has it: `$seen`, `$flagged` */
export const setKeyword = (keyword: string, on: boolean): Patch => ({ [`keywords/${keyword}`]: on ? true : null });

export function applied<T extends Patched>(email: T, patch: Patch): T {
  const keywords = { ...email.keywords };
  let { mailboxIds } = email;
  for (const [path, value] of Object.entries(patch)) {
    if (path === 'mailboxIds') mailboxIds = value as Patched['mailboxIds'];
    const keyword = /^keywords\/(.*)$/s.exec(path)?.[1];
    if (keyword === undefined) continue;
    if (value === true) keywords[keyword] = true;
    else delete keywords[keyword];
  }
  return { ...email, mailboxIds, keywords };
}

export function undoOf(email: Patched, patch: Patch): Patch {
  return Object.fromEntries(
    Object.keys(patch).map((path) => {
      if (path === 'mailboxIds') return [path, email.mailboxIds];
      return [path, email.keywords[path.slice('keywords/'.length)] === true ? true : null];
    }),
  );
}

/** Whether it says something new of the email. */
export function changes(email: Patched, patch: Patch): boolean {
  return JSON.stringify(undoOf(email, patch)) !== JSON.stringify(patch);
}

/** Emails that are patched alike: 100,000 emails of one mailbox have one patch. */
export type Group = { readonly patch: Patch; readonly ids: string[] };

export function grouped(patches: Iterable<readonly [id: string, patch: Patch]>): Group[] {
  const groups = new Map<string, Group>();
  for (const [id, patch] of patches) {
    const key = JSON.stringify(patch);
    const group = groups.get(key) ?? { patch, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  }
  return [...groups.values()];
}
