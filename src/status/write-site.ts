/**
 * Puts the site's files into a folder that some other web server serves.
 *
 * Invariants: a reader sees a file as it was or as it is, never half of it, also when we are killed or the machine loses
 * its power: each is written beside its place, synced, and renamed. What has not changed is not written. Nothing in the
 * folder that is not ours is touched; pages of incidents stay, since letters lead to them.
 */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SiteFiles } from './site/files.ts';

export type SiteWriter = {
  /** In the order of `files`. @throws as the file system does */
  write(files: SiteFiles): Promise<void>;
};

/** @param folder is made where it is not there @param owner tells two writers of one folder apart; the same after a restart */
export function createSiteWriter(folder: string, owner: string): SiteWriter {
  const written = new Map<string, string>();
  const made = new Set<string>();

  async function prepare(at: string): Promise<void> {
    if (made.has(at)) return;
    await mkdir(at, { recursive: true, mode: 0o755 });
    // What a writer that was killed left behind.
    for (const name of await readdir(at)) if (name.startsWith('.') && name.endsWith(`.new-${owner}`)) await rm(join(at, name), { force: true });
    made.add(at);
  }

  return {
    async write(files) {
      for (const [path, text] of files) {
        if (written.get(path) === text) continue;
        const place = join(folder, path);
        const at = dirname(place);
        await prepare(at);
        const beside = join(at, `.${path.split('/').at(-1)!}.new-${owner}`);
        // Readable by the web server, which is another user.
        const file = await open(beside, 'w', 0o644);
        try {
          await file.writeFile(text);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(beside, place);
        written.set(path, text);
      }
    },
  };
}
