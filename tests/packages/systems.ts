/** The systems in which the packages run, made of Debian packages. */
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSystem } from './chroot';
import { type DebianPackages, type Release } from './debian';

const TRIXIE: Release = { suite: 'trixie', arch: 'amd64' };
const BOOKWORM: Release = { suite: 'bookworm', arch: 'amd64' };
/** glibc 2.31, the oldest that Debian's mirrors still have. */
const BULLSEYE: Release = { suite: 'bullseye', arch: 'amd64' };

/** The parts of glibc in Grafana's Alpine image for amd64. There is neither libstdc++ nor libgcc_s. */
const PARTIAL_GLIBC = [
  'ld-linux-x86-64.so.2',
  'libc.so.6',
  'libdl.so.2',
  'libm.so.6',
  'libpthread.so.0',
  'librt.so.1',
  'libresolv.so.2',
];

export class Systems {
  readonly #debian: DebianPackages;
  readonly #scratch: string;
  #count = 0;

  constructor(debian: DebianPackages, scratch: string) {
    this.#debian = debian;
    this.#scratch = scratch;
  }

  /** Busybox as `/bin/sh`, and no C library. */
  async busybox(arch: Release['arch'] = 'amd64'): Promise<string> {
    const system = this.#create();
    await this.#withContent({ ...TRIXIE, arch }, 'busybox-static', (content) => {
      copyFileSync(join(content, 'usr/bin/busybox'), join(system, 'bin/busybox'));
    });
    symlinkSync('busybox', join(system, 'bin/sh'));
    return system;
  }

  /** Like Alpine: busybox, and musl 1.2.5. */
  async alpine(arch: Release['arch'] = 'amd64'): Promise<string> {
    const system = await this.busybox(arch);
    const processor = arch === 'amd64' ? 'x86_64' : 'aarch64';
    await this.#withContent({ ...TRIXIE, arch }, 'musl', (content) => {
      const library = join(content, `usr/lib/${processor}-linux-musl/libc.so`);
      copyFileSync(library, join(system, `lib/ld-musl-${processor}.so.1`));
    });
    symlinkSync(`ld-musl-${processor}.so.1`, join(system, `lib/libc.musl-${processor}.so.1`));
    writeFileSync(join(system, 'etc/alpine-release'), '3.21.3\n');
    return system;
  }

  /** Like Grafana's Alpine image for amd64: Alpine with the parts of glibc that programs written in Go need. */
  async grafanaAlpine(): Promise<string> {
    const system = await this.alpine();
    await this.#withContent(BULLSEYE, 'libc6', (content) => {
      const from = join(content, 'lib/x86_64-linux-gnu');
      const to = join(system, 'lib/x86_64-linux-gnu');
      mkdirSync(to);
      PARTIAL_GLIBC.forEach((name) => copyFileSync(join(from, name), join(to, name)));
    });
    symlinkSync('../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', join(system, 'lib64/ld-linux-x86-64.so.2'));
    return system;
  }

  /** dash as `/bin/sh`, and glibc 2.31. @param libraries Further packages, for example `libstdc++6`. */
  async glibc(libraries: readonly string[], arch: Release['arch'] = 'amd64'): Promise<string> {
    const system = this.#create();
    await this.#debian.unpack({ ...BULLSEYE, arch }, ['libc6', 'dash', ...libraries], system);
    return system;
  }

  /** Path of an emulator for programs of arm64, which needs no library. */
  async arm64Emulator(): Promise<string> {
    const folder = join(this.#scratch, 'emulator');
    await this.#debian.unpack(BOOKWORM, ['qemu-user-static'], folder);
    return join(folder, 'usr/bin/qemu-aarch64-static');
  }

  #create(): string {
    const system = join(this.#scratch, `system-${++this.#count}`);
    createSystem(system);
    return system;
  }

  async #withContent(release: Release, name: string, use: (content: string) => void): Promise<void> {
    const content = join(this.#scratch, 'content');
    mkdirSync(content);
    try {
      await this.#debian.unpack(release, [name], content);
      use(content);
    } finally {
      rmSync(content, { recursive: true });
    }
  }
}
