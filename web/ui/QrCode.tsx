/** A QR code (ISO/IEC 18004), as one path: dark on light in every theme, with light around it, since that is what cameras read. */
import { useMemo } from 'react';
import { encode } from 'uqr';
import styles from './QrCode.module.css';

/** Modules of light on each side: what the standard asks for. On a dark page a camera sees by it where the code ends. */
const QUIET_ZONE = 4;
/** Whole pixels, so that all modules are of one size; from four on a telephone reads them at arm's length from the screen. */
const LEAST_PIXELS = 4;
/** A short text has larger modules: 11 rem. */
const LEAST_SIDE = 176;

export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { path, size } = useMemo(() => {
    const { data, size: width } = encode(text, { border: QUIET_ZONE });
    return { size: width, path: data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('') };
  }, [text]);
  const side = size * Math.max(LEAST_PIXELS, Math.ceil(LEAST_SIDE / size));
  return (
    <svg className={styles['qr']} role="img" aria-label={label} width={side} height={side} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
      <path d={path} fill="currentColor" />
    </svg>
  );
}
