/** What a round is given, and how it ends. */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Store } from '#store/index.ts';
import type { MoverPlatform } from './access.ts';
import type { MoveRow } from './claim.ts';
import type { ReceiptKey } from './hold/receipt.ts';
import { BESIDE } from './tables.ts';
import type { Throttle } from './limits/throttle.ts';

export type RoundOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly platforms: Readonly<Record<string, MoverPlatform>>;
  readonly receiptKey: ReceiptKey;
  /** How long a former home is kept current. */
  readonly windowDays?: number;
  /** False while the move's wave is paused: then nothing new is begun, neither a copying nor a hold. */
  readonly mayGoOn: (move: MoveRow) => Promise<boolean>;
  readonly commandMs: number;
  readonly throttle?: Throttle;
  /** Once aborted a round ends soon; a hold that has begun is finished. */
  readonly stopping?: AbortSignal;
};

export type Next = 'done' | { readonly afterMs: number };

export const isBeside = ({ back }: Pick<MoveRow, 'back'>): boolean => back !== null && BESIDE.includes(back);
