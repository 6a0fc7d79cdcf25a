/**
 * Where the plugin is developed and released. If the project moves, change the two constants: `npm test` then names the
 * documents and examples that still have the former addresses.
 */

/** URL of the repository, without a slash at its end. */
export const REPOSITORY = 'https://github.com/madesroches/micromegas';

/** Folder of the plugin in the repository, with a slash at its end. Empty if the plugin is in the root folder. */
export const REPOSITORY_FOLDER = 'grafana/' as string;

/** URL of the plugin's folder, with a slash at its end. */
export const PROJECT_URL = `${REPOSITORY}/blob/main/${REPOSITORY_FOLDER}`;

/** Tag of a release. The prefix separates it from the tags of other projects in the same repository. */
export function releaseTag(version: string): string {
  return `grafana-v${version}`;
}
