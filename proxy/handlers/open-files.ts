/**
 * Limits the files that are sent at the same time. A caller who does not read its file holds the file's memory and a
 * share of the connection to the server. All calls of a connection share one flow control window
 * (`CONNECTION_WINDOW_BYTES`), and each call that is not read occupies `STREAM_WINDOW_BYTES` of this window.
 */
import { StringMap } from '../../contract/string-map';
import { ProxyError } from '../base/errors/proxy-error';
import { type PluginContext } from '../query/plugin-request';

export type FileKind = 'image' | 'perfetto';

/** Maximum number of open images of a data source, and of one of its users. */
const MAX_OPEN_IMAGES = 30;
const MAX_OPEN_IMAGES_OF_USER = 10;

/**
 * Maximum number of open traces of a data source, and of one of its users. Three traces do not fill the window of the
 * connection.
 */
const MAX_OPEN_TRACES = 3;
const MAX_OPEN_TRACES_OF_USER = 2;

const MAX_OPEN_FILES: Readonly<Record<FileKind, { all: number; perUser: number }>> = {
  image: { all: MAX_OPEN_IMAGES, perUser: MAX_OPEN_IMAGES_OF_USER },
  perfetto: { all: MAX_OPEN_TRACES, perUser: MAX_OPEN_TRACES_OF_USER },
};

/** The open files of the process. Images and Perfetto traces have separate limits, see `MAX_OPEN_FILES`. */
export class OpenFiles {
  /**
   * Numbers of open files. Each file counts under two keys: one for its kind and data source, and one for its kind,
   * data source and user.
   */
  readonly #open = new StringMap<number>();

  /**
   * Counts a file as open, until the returned function is called or `signal` aborts.
   *
   * @throws {ProxyError} 'too_many_files'
   */
  begin(kind: FileKind, { dataSource, orgId, user }: PluginContext, signal: AbortSignal): () => void {
    const ofAll = JSON.stringify([kind, dataSource?.grafanaUrl, orgId, dataSource?.uid]);
    const ofUser = JSON.stringify([ofAll, user?.login ?? '']);
    const { all, perUser } = MAX_OPEN_FILES[kind];
    if (this.#count(ofUser) >= perUser || this.#count(ofAll) >= all) {
      throw new ProxyError('too_many_files');
    }
    this.#add(ofAll, 1);
    this.#add(ofUser, 1);
    let isOpen = true;
    const end = () => {
      if (isOpen) {
        isOpen = false;
        signal.removeEventListener('abort', end);
        this.#add(ofAll, -1);
        this.#add(ofUser, -1);
      }
    };
    signal.addEventListener('abort', end, { once: true });
    return end;
  }

  #count(key: string): number {
    return this.#open.get(key) ?? 0;
  }

  #add(key: string, files: number): void {
    const count = this.#count(key) + files;
    if (count === 0) {
      this.#open.delete(key);
    } else {
      this.#open.set(key, count);
    }
  }
}
