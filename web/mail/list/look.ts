/** How rows look, as the customer set it for all browsers (settings/preferences.ts). */
import { usePreferences } from '../settings/preferences.ts';

/** In rem, so that rows grow with the reader's letters. */
const ROW_REM = { compact: 3.5, plain: 4.1, preview: 5.35 };

export type Look = { readonly isCompact: boolean; readonly hasPreview: boolean; readonly rowRem: number };

export function useLook(): Look {
  const { density = 'comfortable', preview = true } = usePreferences() ?? {};
  const isCompact = density === 'compact';
  const hasPreview = preview && !isCompact;
  return { isCompact, hasPreview, rowRem: isCompact ? ROW_REM.compact : hasPreview ? ROW_REM.preview : ROW_REM.plain };
}
