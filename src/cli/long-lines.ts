import { isBlank, MESSAGE_MAX_LENGTH } from '../protocol.ts';

/** A line as messages that are short enough, cut between words where that is possible; white space alone is none. */
export function cutLine(line: string, most: number = MESSAGE_MAX_LENGTH): readonly string[] {
  const points = [...line];
  if (isBlank(line)) return [];
  if (points.length <= most) return [line];
  const head = points.slice(0, most + 1);
  const space = head.lastIndexOf(' ');
  const at = space > most / 2 ? space : most;
  const rest = points.slice(at).join('').trimStart();
  return [...cutLine(points.slice(0, at).join(''), most), ...cutLine(rest, most)];
}
