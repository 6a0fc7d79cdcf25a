/**
 * Finds cycles between the entries of a folder. An entry is a file, or a subfolder with all files below it.
 * dependency-cruiser finds cycles of files. Its rules for folders are not used, because they compare only folders that
 * directly contain files, and count the imports of tests.
 *
 * `tsx scripts/folder-cycles.ts FOLDER…` prints the cycles below these folders. Exit code 1: there is a cycle.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';

/** `from` imports `to`. Both are paths from the root of the project. */
export interface FileImport {
  from: string;
  to: string;
}

/** The imports between the entries of one folder. */
type Entries = Map<string, Map<string, FileImport>>;

/** For each folder, the imports between its entries, with an example of each. */
function importsByFolder(imports: readonly FileImport[]): Map<string, Entries> {
  const folders = new Map<string, Entries>();
  for (const example of imports) {
    const [from, to] = [example.from.split('/'), example.to.split('/')];
    const depth = from.findIndex((name, at) => name !== to[at]);
    if (depth >= 0) {
      const folder = from.slice(0, depth).join('/');
      const entries: Entries = folders.get(folder) ?? new Map<string, Map<string, FileImport>>();
      const imported = entries.get(from[depth]) ?? new Map<string, FileImport>();
      folders.set(folder, entries.set(from[depth], imported.set(to[depth], example)));
    }
  }
  return folders;
}

/** A cycle as a list of imports, or undefined. */
function cycleOf(entries: Entries): FileImport[] | undefined {
  const done = new Set<string>();
  const visit = (entry: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(entry)) {
      return path.slice(path.indexOf(entry));
    }
    if (done.has(entry)) {
      return undefined;
    }
    done.add(entry);
    for (const next of entries.get(entry)?.keys() ?? []) {
      const cycle = visit(next, [...path, entry]);
      if (cycle !== undefined) {
        return cycle;
      }
    }
    return undefined;
  };
  for (const entry of entries.keys()) {
    const cycle = visit(entry, []);
    if (cycle !== undefined) {
      return cycle.flatMap((name, at) => entries.get(name)?.get(cycle[(at + 1) % cycle.length]) ?? []);
    }
  }
  return undefined;
}

/** For each folder with cycles, one cycle as a list of imports. */
export function folderCycles(imports: readonly FileImport[]): FileImport[][] {
  return [...importsByFolder(imports).values()].flatMap((entries) => {
    const cycle = cycleOf(entries);
    return cycle === undefined ? [] : [cycle];
  });
}

/** The file that a relative import names. Undefined for a package, and for a file that is not code. */
function importedFile(file: string, specifier: string): string | undefined {
  const path = posix.join(posix.dirname(file), specifier);
  const candidates = [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`, `${path}/index.tsx`];
  return specifier.startsWith('.') ? candidates.find((name) => /\.tsx?$/.test(name) && existsSync(name)) : undefined;
}

/**
 * All imports of the folders' files, including imports of types and dynamic imports. Tests and their helpers are
 * excluded, because they may import any file.
 */
export function importsOf(folders: readonly string[]): FileImport[] {
  const files = folders.flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,tsx}`, { exclude: (name: string) => ['node_modules', 'testing'].includes(name) })
  );
  return files
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .flatMap((from) =>
      ts.preProcessFile(readFileSync(from, 'utf8')).importedFiles.flatMap(({ fileName }) => {
        const to = importedFile(from, fileName);
        return to === undefined ? [] : [{ from, to }];
      })
    );
}

if (require.main === module) {
  const cycles = folderCycles(importsOf(process.argv.slice(2)));
  for (const cycle of cycles) {
    console.error(['A cycle of folders:', ...cycle.map(({ from, to }) => `  ${from} imports ${to}`)].join('\n'));
  }
  process.exitCode = cycles.length > 0 ? 1 : 0;
}
