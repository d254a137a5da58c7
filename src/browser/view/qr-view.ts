import { t } from '../../messages/translate.ts';
import { byId, setText } from './elements.ts';

const SVG = 'http://www.w3.org/2000/svg';

/** What scanners need around a code, in modules. */
const QUIET = 4;

/**
 * Draws a link as a QR code when somebody wants to see it; only then what draws it is loaded.
 *
 * @param onFailure is told when it cannot be loaded
 */
export function createQrView(link: string, onFailure: (text: string) => void): void {
  const button = byId('show-qr', HTMLButtonElement);
  const place = byId('qr', HTMLDivElement);

  const show = (shown: boolean): void => {
    place.hidden = !shown;
    button.setAttribute('aria-expanded', String(shown));
    setText(button, t(shown ? 'qr.hide' : 'qr.show'));
  };

  const toggle = async (): Promise<void> => {
    try {
      if (place.childElementCount === 0) place.replaceChildren(await draw(link));
      show(button.getAttribute('aria-expanded') !== 'true');
      if (!place.hidden) place.scrollIntoView({ block: 'nearest' });
    } catch {
      onFailure(t('qr.failed'));
    }
  };

  show(false);
  button.addEventListener('click', () => void toggle());
}

/** One path of dark squares; the colours are the style sheet's. */
async function draw(link: string): Promise<SVGSVGElement> {
  const { encode } = await import('uqr');
  const { data, size } = encode(link, { border: QUIET });
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', t('qr.label'));
  const path = document.createElementNS(SVG, 'path');
  const squares = data.flatMap((row, y) =>
    row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])),
  );
  path.setAttribute('d', squares.join(''));
  svg.append(path);
  return svg;
}
