/** What a form or a request says. Invariant: what is no form has no fields, and a field that is no text is empty. */
import type { Context } from 'hono';
import type { AppEnv } from '#http/app.ts';
import { SITE_LANGUAGES, type SiteLanguage } from '../api.ts';

export type Fields = { readonly language: SiteLanguage; one(name: string): string; all(name: string): readonly string[] };

export async function fieldsOf(c: Context<AppEnv>): Promise<Fields> {
  const body: Record<string, unknown> = await c.req.parseBody({ all: true }).catch(() => ({}));
  const all = (name: string): string[] => [body[name]].flat().filter((each) => typeof each === 'string');
  const one = (name: string): string => all(name)[0] ?? '';
  return { all, one, language: SITE_LANGUAGES.find((language) => language === one('language')) ?? languageOf(c) };
}

/** As the address says, else as the browser wishes. */
export function languageOf(c: Context<AppEnv>): SiteLanguage {
  const named = SITE_LANGUAGES.find((language) => language === c.req.query('language'));
  if (named !== undefined) return named;
  const wished = (c.req.header('accept-language') ?? '').split(',').map((each) => each.trim().slice(0, 2).toLowerCase());
  return wished.map((each) => SITE_LANGUAGES.find((language) => language === each)).find((each) => each !== undefined) ?? 'en';
}
