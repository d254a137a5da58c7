/** The part of Trusted Types that is needed here; not every browser has it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: () => string },
  ): { createScriptURL(input: string): string };
}

const ADDRESS = '/service-worker.js';

/** The only address that may become a worker, whatever anybody asks for. */
function workerAddress(): string {
  const { trustedTypes } = window as Window & { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('service-worker', { createScriptURL: () => ADDRESS });
  return policy?.createScriptURL(ADDRESS) ?? ADDRESS;
}

/** Lets the browser keep the page itself, so that it can be installed. After everything else; an extra. */
export function enableInstallation(): void {
  if (!('serviceWorker' in navigator)) return;
  window.addEventListener('load', () => {
    navigator.serviceWorker.register(workerAddress()).catch(() => undefined);
  });
}
