// What `npm run supply-chain` decides by, without npm, files and a clock.

/** Licences of what a running server is made of that ask for no more than being named. */
export const licences = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD'];

/** Packages of a CycloneDX list that have no licence, or one that is not among those above. */
export const packagesToLookAt = (components) =>
  components
    .filter(
      ({ licenses = [] }) =>
        licenses.length === 0 || !licenses.every(({ license }) => licences.includes(license?.id)),
    )
    .map(({ purl }) => purl);

/** Files that two builds, as objects of hashes by file, do not have alike. */
export const differentFiles = (one, other) =>
  Object.keys({ ...one, ...other }).filter((file) => one[file] !== other[file]);

const DAY = /^\d{4}-\d\d-\d\d$/;

/** An exception without a day or a reason is none. */
const holds = (exception, today) =>
  DAY.test(exception?.until) && exception.until >= today && Boolean(exception.why?.trim());

/**
 * Advisories in `npm audit --json` that no exception lets through today.
 *
 * @param {Record<string, {via: (string | {url: string, title: string})[]}>} vulnerabilities by package; a name in
 *   `via` leads to another package, which has the advisory itself
 * @param {Record<string, {until: string, why: string}>} exceptions by address of the advisory, each with its last day
 * @param {string} today such as 2026-11-30
 */
export const openAdvisories = (vulnerabilities, exceptions, today) => [
  ...new Set(
    Object.values(vulnerabilities)
      .flatMap(({ via }) => via.filter((cause) => typeof cause === 'object'))
      .filter(({ url }) => !holds(exceptions[url], today))
      .map(({ url, title }) => `${url} ${title}`),
  ),
];
