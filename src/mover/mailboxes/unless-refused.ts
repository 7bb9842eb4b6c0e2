import { CausewayError } from '#errors/index.ts';

/** @returns false when the platform said no @throws what else went wrong */
export async function unlessRefused(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'refused') return false;
    throw error;
  }
}
