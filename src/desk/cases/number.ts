import { CausewayError } from '#errors/index.ts';

/** A number in a path: `/cases/:id`. @throws CausewayError `not-found` */
export function numberOf(c: { readonly req: { param(name: string): string | undefined } }, name: string): number {
  const text = c.req.param(name) ?? '';
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new CausewayError('not-found', `there is no such ${name}`);
  return Number(text);
}
