type Method = (...given: unknown[]) => unknown;

/**
 * An object like another one, of which each method is what `change` makes of it, once: when it is asked for first.
 * The methods handed to it belong to the object already.
 */
export function withMethods<Target extends object>(
  target: Target,
  change: (name: string, method: Method) => unknown,
): Target {
  const methods = new Map<string | symbol, unknown>();
  return new Proxy(target, {
    get: (_target, name) => {
      const known = methods.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || typeof name === 'symbol') return value;
      const method = change(name, value.bind(target) as Method);
      methods.set(name, method);
      return method;
    },
  });
}
