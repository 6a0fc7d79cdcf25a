/** The platforms of the packages: `<os>_<arch>` with Go's names, which Grafana also uses. `any` contains no runtime. */
export const PLATFORMS = [
  'linux_amd64',
  'linux_arm64',
  'darwin_amd64',
  'darwin_arm64',
  'windows_amd64',
  'any',
] as const;

export type Platform = (typeof PLATFORMS)[number];

/**
 * @throws {Error} for a name that is not a platform. The message lists the platforms.
 */
export function readPlatforms(names: readonly string[]): readonly Platform[] {
  const unknown = names.filter((name) => !PLATFORMS.some((platform) => platform === name));
  if (unknown.length > 0) {
    throw new Error(`${unknown.join(', ')}: no such platform. The platforms are ${PLATFORMS.join(', ')}.`);
  }
  return names.length === 0 ? PLATFORMS : PLATFORMS.filter((platform) => names.includes(platform));
}
