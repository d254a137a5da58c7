import { renderUnicodeCompact } from 'uqr';

/**
 * A QR code of half blocks, line by line. The light parts are blocks: it is right in white on black, and in a light
 * terminal without colours inverted, which most cameras read as well.
 */
export function qrCode(text: string): readonly string[] {
  return renderUnicodeCompact(text, { ecc: 'L', border: 2 }).split('\n');
}
