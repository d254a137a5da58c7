import type { Request } from 'express';

/** Whether a request brings a body of at least one byte, or of a length that it does not say. */
export const hasBody = ({ headers }: Pick<Request, 'headers'>): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
