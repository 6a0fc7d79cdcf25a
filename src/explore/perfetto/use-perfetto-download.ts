/** The state of a download. The download is cancelled when the component is unmounted. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { type PerfettoQuery } from '../../../contract/resources/perfetto';
import { property } from '../../shared/failure-message';
import { saveFile } from '../../shared/save-file';
import { downloadTrace } from './download-trace';

export type TraceDownloadState =
  | { status: 'idle' }
  | { status: 'working'; bytes: number }
  | { status: 'done'; fileName: string; bytes: number }
  | { status: 'failed'; message: string };

/** `start` never rejects: a failure is a state. @param uid The data source. */
export function usePerfettoDownload(uid: string) {
  const [state, setState] = useState<TraceDownloadState>({ status: 'idle' });
  const running = useRef<AbortController>();
  const cancel = useCallback(() => {
    running.current?.abort();
    running.current = undefined;
    setState({ status: 'idle' });
  }, []);
  useEffect(() => () => running.current?.abort(), []);
  const start = useCallback(
    async (query: PerfettoQuery) => {
      const controller = new AbortController();
      const { signal } = controller;
      running.current = controller;
      const show = (next: TraceDownloadState) => signal.aborted || setState(next);
      show({ status: 'working', bytes: 0 });
      try {
        const file = await downloadTrace(uid, query, {
          signal,
          onBytes: (bytes) => show({ status: 'working', bytes }),
        });
        if (!signal.aborted) {
          saveFile(file.content, file.name);
          show({ status: 'done', fileName: file.name, bytes: file.content.size });
        }
      } catch (reason) {
        show({ status: 'failed', message: String(property(reason, 'message')) });
      }
    },
    [uid]
  );
  return { state, start, cancel };
}
