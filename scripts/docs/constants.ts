/**
 * Values of numeric constants in the source files, for the table of limits. The values are read from the syntax tree,
 * so the constants need no export.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');
const FOLDERS = '{contract,proxy,packages/http2/src}/**/*.ts';

interface SourceFile {
  /** Initializers of the constants at the top level of the file, by name. */
  initializers: Map<string, ts.Expression>;
  /** Paths of imported files without extension, by imported name. */
  imports: Map<string, string>;
}

function isSource(path: string): boolean {
  return !path.endsWith('.test.ts') && !path.startsWith('proxy/generated/') && !path.includes('/testing/');
}

function readSource(path: string): SourceFile {
  const file: SourceFile = { initializers: new Map(), imports: new Map() };
  for (const statement of ts.createSourceFile(path, readFileSync(join(ROOT, path), 'utf8'), ts.ScriptTarget.Latest)
    .statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name) && initializer !== undefined) {
          file.initializers.set(name.text, initializer);
        }
      }
    } else if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const bindings = statement.importClause?.namedBindings;
      const target = posix.join(dirname(path), statement.moduleSpecifier.text);
      if (bindings !== undefined && ts.isNamedImports(bindings)) {
        bindings.elements.forEach(({ name }) => file.imports.set(name.text, target));
      }
    }
  }
  return file;
}

const OPERATORS: Partial<Record<ts.SyntaxKind, (left: number, right: number) => number>> = {
  [ts.SyntaxKind.PlusToken]: (left, right) => left + right,
  [ts.SyntaxKind.MinusToken]: (left, right) => left - right,
  [ts.SyntaxKind.AsteriskToken]: (left, right) => left * right,
  [ts.SyntaxKind.SlashToken]: (left, right) => left / right,
  [ts.SyntaxKind.AsteriskAsteriskToken]: (left, right) => left ** right,
  [ts.SyntaxKind.LessThanLessThanToken]: (left, right) => left * 2 ** right,
};

/** The constants of `contract/`, `proxy/` and `packages/http2/`, outside of tests. */
export class Constants {
  readonly #files: ReadonlyMap<string, SourceFile>;

  constructor() {
    const paths = globSync(FOLDERS, { cwd: ROOT }).filter(isSource);
    this.#files = new Map(paths.map((path) => [path, readSource(path)]));
  }

  /**
   * @param reference Name of a constant. If several files have a constant of that name: `file/NAME`, where `file` is
   *   the end of the path, without `.ts`.
   * @throws {Error} if there is no such constant, if there are several, or if its value is not a number.
   */
  valueOf(reference: string): number {
    const name = reference.split('/').at(-1) ?? '';
    const file = reference.slice(0, -name.length - 1);
    const found = [...this.#files].filter(
      ([path, { initializers }]) => initializers.has(name) && (file === '' || `/${path}`.endsWith(`/${file}.ts`))
    );
    if (found.length !== 1) {
      throw new Error(
        `${found.length} files have the constant ${reference}: ${found.map(([path]) => path).join(', ')}`
      );
    }
    const value = this.#valueIn(found[0][0], name);
    if (value === undefined) {
      throw new Error(`The constant ${reference} is not a number.`);
    }
    return value;
  }

  #valueIn(path: string, name: string): number | undefined {
    const file = this.#files.get(path);
    const initializer = file?.initializers.get(name);
    if (initializer !== undefined) {
      return this.#evaluate(path, initializer);
    }
    const target = file?.imports.get(name);
    return target === undefined ? undefined : this.#valueIn(`${target}.ts`, name);
  }

  #evaluate(path: string, node: ts.Expression): number | undefined {
    if (ts.isNumericLiteral(node)) {
      return Number(node.text);
    }
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) {
      return this.#evaluate(path, node.expression);
    }
    if (ts.isIdentifier(node)) {
      return this.#valueIn(path, node.text);
    }
    if (ts.isBinaryExpression(node)) {
      const left = this.#evaluate(path, node.left);
      const right = this.#evaluate(path, node.right);
      return left === undefined || right === undefined ? undefined : OPERATORS[node.operatorToken.kind]?.(left, right);
    }
    return undefined;
  }

  /** All constants with a number as their value: path, name and value. */
  *all(): Generator<{ path: string; name: string; value: number }> {
    for (const [path, { initializers }] of this.#files) {
      for (const name of initializers.keys()) {
        const value = this.#valueIn(path, name);
        if (value !== undefined) {
          yield { path, name, value };
        }
      }
    }
  }
}
