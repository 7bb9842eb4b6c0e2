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

export function capabilitiesOf({ condstore }: { readonly condstore: boolean }): string {
  return condstore ? `${BASE} CONDSTORE ESEARCH` : BASE;
}
