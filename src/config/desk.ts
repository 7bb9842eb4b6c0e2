import { z } from 'zod';
import { expects } from './expects.ts';
import { NAME, webhook } from './status.ts';

const NOT_MAIL = expects('another name: mail is how customers are told');

/** `webhooks`: systems of the provider's own that are told of cases. */
export const desk = (folder: string) =>
  z.strictObject({
    webhooks: z.record(z.string(NAME).regex(/^[a-z][a-z0-9-]{0,31}$/, NAME).refine((name) => name !== 'mail', NOT_MAIL), webhook(folder)).default({}),
  });
