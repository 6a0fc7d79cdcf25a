/**
 * The two files of the SQL parser. They are read when the first job needs the parser, not earlier, because the parser
 * needs more memory than the rest of the plugin.
 *
 * An update of the plugin may replace the folder before the first job. So both files are opened at the start. An open
 * file keeps its content when it is removed or when another file gets its name. If the content was overwritten, its
 * digest differs from the digest that the build wrote into the bundle, and the file is not used.
 */
import { createHash } from 'node:crypto';
import { close, fstatSync, openSync, read } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Logger } from '../../observe/logging/logger';

/** The files that the build puts beside the bundle. */
const SCRIPT = 'sql-parser.cjs';
const MODULE = 'sql-parser.wasm';

/**
 * SHA-256 in hexadecimal digits. The build defines both constants in the bundle. Outside of the bundle, they do not
 * exist.
 */
declare const PARSER_SCRIPT_DIGEST: string | undefined;
declare const PARSER_MODULE_DIGEST: string | undefined;

interface LoadedParser {
  /** The source of the thread's script. */
  script: string;
  compiled: WebAssembly.Module;
}

/** An open file, or the reason why it could not be opened. */
type OpenFile = { name: string; digest: string | undefined } & ({ descriptor: number } | { cause: unknown });

/** Opens and reads the files. Create this object when the process starts, before an update can replace the folder. */
export class ParserFiles {
  readonly #script: OpenFile;
  readonly #module: OpenFile;
  readonly #logger: Pick<Logger, 'error'>;
  #loaded: Promise<LoadedParser> | undefined;

  /** Opens the files. If a file is missing, only `load` fails. @param folder The folder of the bundle. */
  constructor(folder: string, logger: Pick<Logger, 'error'>) {
    const isBundled = typeof PARSER_SCRIPT_DIGEST === 'string';
    this.#script = openFile(folder, SCRIPT, isBundled ? PARSER_SCRIPT_DIGEST : undefined);
    this.#module = openFile(folder, MODULE, isBundled ? PARSER_MODULE_DIGEST : undefined);
    this.#logger = logger;
  }

  /**
   * Reads the files once, and returns the same result for each call. Threads share the compiled code, so a new thread
   * starts without compiling it.
   *
   * @throws {ProxyError} 'plugin_files_changed'
   */
  load(): Promise<LoadedParser> {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  async #load(): Promise<LoadedParser> {
    try {
      const [script, module] = await Promise.all([contentOf(this.#script), contentOf(this.#module)]);
      return { script: script.toString('utf8'), compiled: await WebAssembly.compile(module) };
    } catch (error) {
      this.#logger.error(
        'The SQL parser cannot be loaded. Filters, groups, live tail, log volume and log pages fail until a restart',
        { error }
      );
      throw error;
    }
  }
}

function openFile(folder: string, name: string, digest: string | undefined): OpenFile {
  try {
    return { name, digest, descriptor: openSync(join(folder, name), 'r') };
  } catch (cause) {
    return { name, digest, cause };
  }
}

/** Reads and closes a file. @throws {ProxyError} */
async function contentOf(file: OpenFile): Promise<Buffer<ArrayBuffer>> {
  if (!('descriptor' in file)) {
    throw changed(file.name, file.cause);
  }
  const { name, digest, descriptor } = file;
  const content = await readAll(descriptor).finally(() => promisify(close)(descriptor));
  if (digest !== undefined && createHash('sha256').update(content).digest('hex') !== digest) {
    throw changed(name);
  }
  return content;
}

async function readAll(descriptor: number): Promise<Buffer<ArrayBuffer>> {
  const content = Buffer.alloc(fstatSync(descriptor).size);
  let size = 0;
  for (let count = -1; count !== 0 && size < content.length; size += count) {
    ({ bytesRead: count } = await promisify(read)(descriptor, content, size, content.length - size, size));
  }
  return content.subarray(0, size);
}

function changed(name: string, cause?: unknown): ProxyError {
  return new ProxyError('plugin_files_changed', { detail: `It is ${name}.`, cause });
}
