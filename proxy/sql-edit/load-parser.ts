/**
 * Loads the SQL parser when it is first needed. Most of the plugin's memory would otherwise be that of the parser, also
 * where nobody uses filters.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isParserCrash, type ParseStatements } from '../../contract/sql-syntax/sql-parser';
import { type ParserInstance } from './parser-instance';

/** The files that the build puts beside the bundle. */
const SCRIPT = 'sql-parser.cjs';
const MODULE = 'sql-parser.wasm';

/** An instance that has grown beyond this is replaced. A query of the maximum length needs about 10 MB. */
const MAX_INSTANCE_BYTES = 32 * 1024 * 1024;

/** What is compiled once, and makes instances. */
export type InstanceFactory = () => ParserInstance;

/** The SQL parser of the process. */
export class SqlParser {
  readonly #load: () => Promise<InstanceFactory>;
  #factory: Promise<InstanceFactory> | undefined;
  #instance: ParserInstance | undefined;

  constructor(load: () => Promise<InstanceFactory>) {
    this.#load = load;
  }

  /** The parser. After a crash, the next call returns a new instance. @throws {unknown} if the files cannot be loaded. */
  async get(): Promise<ParseStatements> {
    this.#factory ??= this.#load();
    try {
      const create = await this.#factory;
      this.#instance ??= create();
    } catch (reason) {
      this.#factory = undefined;
      throw reason;
    }
    const instance = this.#instance;
    return (sql) => {
      try {
        return instance.parse(sql);
      } catch (reason) {
        this.#retire(instance, isParserCrash(reason));
        throw reason;
      } finally {
        this.#retire(instance, instance.memoryBytes() > MAX_INSTANCE_BYTES);
      }
    };
  }

  #retire(instance: ParserInstance, isUnusable: boolean): void {
    if (isUnusable && this.#instance === instance) {
      this.#instance = undefined;
    }
  }
}

/** The parser in the files of the build. @param folder The folder of the bundle. */
export function parserOfBuild(folder: string): SqlParser {
  return new SqlParser(async () => {
    const compiled = await WebAssembly.compile(await readFile(join(folder, MODULE)));
    const script = join(folder, SCRIPT);
    const requireFresh = createRequire(script);
    return () => {
      // Each instance needs a copy of the module's variables.
      delete requireFresh.cache[script];
      const { createInstance }: { createInstance(module: WebAssembly.Module): ParserInstance } = requireFresh(script);
      return createInstance(compiled);
    };
  });
}
