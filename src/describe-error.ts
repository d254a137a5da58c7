import { StorageUnavailable } from './chat/failures.ts';

/**
 * What a log says of an error: name, message and stack, never the object, because libraries attach
 * requests and values to their errors. Of a storage that is away also why: stores clean what they name.
 */
export function describe(error: unknown): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack } = error;
  const isStorage = error instanceof StorageUnavailable;
  return { name, message, stack, ...(isStorage && { cause: describe(error.cause) }) };
}
