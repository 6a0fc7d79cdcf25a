/**
 * Limits the files that are sent at the same time. The caller decides how fast a file is read, so a caller who does not
 * read would hold its memory, and its share of the connection to the server: all calls of a connection share one flow
 * control window (`CONNECTION_WINDOW_BYTES`), of which each call that is not read takes `STREAM_WINDOW_BYTES`.
 */
import { TextMap } from '../../contract/text-map';
import { ProxyError } from '../base/errors/proxy-error';
import { type PluginContext } from '../query/plugin-request';

export type FileKind = 'image' | 'perfetto';

/** Files of a data source and of one of its users. Three traces leave a part of the window for other calls. */
const MOST: Readonly<Record<FileKind, { all: number; ofUser: number }>> = {
  image: { all: 30, ofUser: 10 },
  perfetto: { all: 3, ofUser: 2 },
};

export class OpenFiles {
  /** Numbers of files by their kind and data source, and by their user. */
  readonly #open = new TextMap<number>();

  /**
   * Counts a file until the returned function is called, or `signal` aborts.
   *
   * @throws {ProxyError} 'too_many_files'
   */
  begin(kind: FileKind, { dataSource, orgId, user }: PluginContext, signal: AbortSignal): () => void {
    const ofAll = JSON.stringify([kind, orgId, dataSource?.uid]);
    const ofUser = JSON.stringify([kind, orgId, dataSource?.uid, user?.login ?? '']);
    const most = MOST[kind];
    if (this.#count(ofUser) >= most.ofUser || this.#count(ofAll) >= most.all) {
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
