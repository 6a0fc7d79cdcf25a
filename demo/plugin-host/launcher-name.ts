/** Name of the file that Grafana starts, with Go's names for systems and processors. */
export function launcherName(platform: NodeJS.Platform = process.platform, arch: string = process.arch): string {
  return `gpx_micromegas_${platform}_${arch === 'x64' ? 'amd64' : arch}`;
}
