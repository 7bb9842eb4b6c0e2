/** What the mover's process can be told to do, and what it answers. */
export type Order =
  /** Copies these accounts from one platform to the other, until each is followed. */
  | { readonly do: 'copy'; readonly accounts: readonly string[]; readonly source: string; readonly target: string; readonly atOnce: number; readonly readBack: 'all' | 'none' }
  /** One more round of each. */
  | { readonly do: 'again'; readonly accounts: readonly string[]; readonly atOnce: number };

export type Answer = { readonly error?: string; readonly seconds: number };

export type WorkerOrders = {
  readonly folder: string;
  readonly binaries: string;
  readonly password: string;
  /** Name and port. */
  readonly platforms: readonly (readonly [name: string, port: number])[];
};
