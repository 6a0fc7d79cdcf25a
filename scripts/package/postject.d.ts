/** The part of postject that is used here. The package has no types. */
declare module 'postject' {
  /** Adds a named resource to an executable file (PE, ELF or Mach-O), in place. */
  export function inject(
    file: string,
    resource: string,
    content: Buffer,
    options?: { sentinelFuse?: string; machoSegmentName?: string; overwrite?: boolean }
  ): Promise<void>;
}
