/** What a value should have been, in the words that `describe.ts` completes by what was found. */
export const expects = (text: string): { error: string } => ({ error: `expected ${text}` });
