import { limitOf } from '../quota.ts';
import type { Services } from '../services.ts';

/** All at once, signed in or not: clients read them when they like. */
const BASE = [
  'IMAP4rev1',
  'LITERAL+',
  'SASL-IR',
  'AUTH=PLAIN',
  'ID',
  'ENABLE',
  'IDLE',
  'NAMESPACE',
  'CHILDREN',
  'UIDPLUS',
  'MULTIAPPEND',
  'MOVE',
  'UNSELECT',
  'SPECIAL-USE',
  'CREATE-SPECIAL-USE',
].join(' ');

export function capabilitiesOf(services: Services): string {
  return [BASE, ...(services.condstore ? ['CONDSTORE', 'ESEARCH'] : []), ...(limitOf(services) === undefined ? [] : ['QUOTA', 'QUOTA=RES-STORAGE'])].join(' ');
}
