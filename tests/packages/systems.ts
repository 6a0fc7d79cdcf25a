/** File systems in which the packages of the plugin are tested. They are made of Debian packages. */
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSystem } from './chroot';
import { type DebianPackages, type Release } from './debian';

const TRIXIE: Release = { suite: 'trixie', arch: 'amd64' };
/** glibc 2.31, the oldest that Debian's mirrors still have. */
const BULLSEYE: Release = { suite: 'bullseye', arch: 'amd64' };

/** The parts of glibc in Grafana's Alpine image for amd64. The image has no libstdc++ and no libgcc_s. */
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
    await this.#debian.unpackFile({ ...TRIXIE, arch }, 'busybox-static', 'usr/bin/busybox', system);
    symlinkSync('../usr/bin/busybox', join(system, 'bin/sh'));
    return system;
  }

  /** Like the base of Grafana's distroless image: no shell, no program and no C library. */
  distroless(): string {
    return this.#create();
  }

  /** Like Alpine: busybox, and musl 1.2.5. */
  async alpine(arch: Release['arch'] = 'amd64'): Promise<string> {
    const system = await this.busybox(arch);
    const processor = arch === 'amd64' ? 'x86_64' : 'aarch64';
    const library = `usr/lib/${processor}-linux-musl/libc.so`;
    await this.#debian.unpackFile({ ...TRIXIE, arch }, 'musl', library, system);
    symlinkSync(`../${library}`, join(system, `lib/ld-musl-${processor}.so.1`));
    symlinkSync(`ld-musl-${processor}.so.1`, join(system, `lib/libc.musl-${processor}.so.1`));
    writeFileSync(join(system, 'etc/alpine-release'), '3.21.3\n');
    return system;
  }

  /** Like Grafana's Alpine image for amd64: Alpine with the parts of glibc that programs written in Go need. */
  async grafanaAlpine(): Promise<string> {
    const system = await this.alpine();
    const folder = 'lib/x86_64-linux-gnu';
    // Unpacks the whole package, because some of the names are links to files with a version in their names.
    const content = this.#create();
    await this.#debian.unpack(BULLSEYE, ['libc6'], content);
    mkdirSync(join(system, folder));
    PARTIAL_GLIBC.forEach((name) => copyFileSync(join(content, folder, name), join(system, folder, name)));
    symlinkSync(`../${folder}/ld-linux-x86-64.so.2`, join(system, 'lib64/ld-linux-x86-64.so.2'));
    return system;
  }

  /** dash as `/bin/sh`, and glibc 2.31. @param libraries Further packages, for example `libstdc++6`. */
  async glibc(libraries: readonly string[], arch: Release['arch'] = 'amd64'): Promise<string> {
    const system = this.#create();
    await this.#debian.unpack({ ...BULLSEYE, arch }, ['libc6', 'dash', ...libraries], system);
    return system;
  }

  /** Path of an emulator for arm64 programs. The emulator needs no library. */
  async arm64Emulator(): Promise<string> {
    return this.#debian.unpackFile(TRIXIE, 'qemu-user', 'usr/bin/qemu-aarch64', this.#scratch);
  }

  #create(): string {
    const system = join(this.#scratch, `system-${++this.#count}`);
    createSystem(system);
    return system;
  }
}
