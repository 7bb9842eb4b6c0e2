/** One pair of the ledger, within a mailbox: see tables.ts. */
export type LedgerRow = {
  readonly sourceUid: number;
  readonly targetUid: number;
  readonly fingerprint: Buffer;
  /** Seconds since the epoch. */
  readonly internalDate: number;
  readonly internalDateText: string;
  readonly flags: readonly string[];
  readonly size: number;
  readonly targetSize: number | null;
  readonly readBack: boolean;
};

/** A message as a platform lists it. */
export type Listed = {
  readonly uid: number;
  /** Without `\Recent`, which is a session's own (RFC 3501 2.3.2). */
  readonly flags: readonly string[];
  /** Seconds since the epoch. */
  readonly internalDate: number;
  /** In RFC 3501's form, in the zone that the server wrote. */
  readonly internalDateText: string;
  /** RFC822.SIZE. */
  readonly size: number;
};

/** As `flagsKey` compares; of equal lists, which nearly all are, it makes none. */
export function sameFlags(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === b.length && a.every((flag, at) => flag === b[at])) return true;
  return flagsKey(a) === flagsKey(b);
}

/** Equal for equal sets of flags: flags are case-insensitive (RFC 3501 2.3.2), their order says nothing. */
export function flagsKey(flags: readonly string[]): string {
  return [...new Set(flags.map((flag) => flag.toLowerCase()))].sort().join(' ');
}
