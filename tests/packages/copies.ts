/** Copies the folder of a plugin, and damages files in the copies. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Copies a folder, including the modes of its files. */
export function copy(from: string, to: string): void {
  assert.equal(spawnSync('cp', ['-a', from, to]).status, 0);
}

/** Copies a folder. The files of the copy are hard links. */
export function copyLinked(from: string, to: string): void {
  assert.equal(spawnSync('cp', ['-al', from, to]).status, 0);
}

/** Replaces a file by a new file. Hard links to the old file keep its content. */
export function replaceFile(file: string, content: string, mode = statSync(file).mode): void {
  rmSync(file);
  writeFileSync(file, content, 'latin1');
  chmodSync(file, mode);
}

/** Paths of the files in a folder and its subfolders. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
