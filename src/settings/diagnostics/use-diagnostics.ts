/** Requests the diagnostics file of the saved data source, and gives it to the browser as a download. */
import { t } from '@grafana/i18n';
import { getBackendSrv } from '@grafana/runtime';
import { useCallback, useEffect, useRef, useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { type DiagnosticsFile } from '../../../contract/resources/diagnostics';
import { failureMessage } from '../../shared/failure-message';
import { saveFile } from '../../shared/save-file';
import { savedSourceRequest } from '../saved-source-request';

export type DiagnosticsDownloadState =
  | { status: 'idle' }
  | { status: 'working' }
  | { status: 'done'; fileName: string }
  | { status: 'failed'; message: string };

/** Characters that are replaced in file names. All operating systems allow the remaining characters. */
const UNSAFE = /[^A-Za-z0-9_-]/g;

/** The name of the file, for example `micromegas-diagnostics-lake-2026-05-04T10-20-30Z.json`. */
export function fileNameOf(uid: string, createdAt: string): string {
  const time = createdAt.replace(/\.\d+/, '').replace(/:/g, '-');
  return `micromegas-diagnostics-${uid.replace(UNSAFE, '_').slice(0, 60)}-${time.replace(UNSAFE, '_')}.json`;
}

function isFile(value: unknown): value is DiagnosticsFile {
  return (
    value !== null &&
    typeof value === 'object' &&
    'format' in value &&
    value.format === 'micromegas-diagnostics' &&
    'createdAt' in value &&
    typeof value.createdAt === 'string'
  );
}

async function fetchAndDownload(uid: string): Promise<DiagnosticsDownloadState> {
  try {
    const { data } = await lastValueFrom(
      getBackendSrv().fetch<unknown>(savedSourceRequest(uid, 'resources/diagnostics'))
    );
    if (!isFile(data)) {
      return { status: 'failed', message: t('config.diagnostics.malformed', 'The response could not be read.') };
    }
    const fileName = fileNameOf(uid, data.createdAt);
    const content = `${JSON.stringify(data, null, 2)}\n`;
    saveFile(new Blob([content], { type: 'application/json' }), fileName);
    return { status: 'done', fileName };
  } catch (reason) {
    return { status: 'failed', message: failureMessage(reason) };
  }
}

/** The state of the download, and a function that starts it. @param uid UID of the data source, which must be saved. */
export function useDiagnostics(uid: string): { state: DiagnosticsDownloadState; run: () => void } {
  const [state, setState] = useState<DiagnosticsDownloadState>({ status: 'idle' });
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const run = useCallback(() => {
    setState({ status: 'working' });
    void fetchAndDownload(uid).then((ended) => {
      if (isShown.current) {
        setState(ended);
      }
    });
  }, [uid]);
  return { state, run };
}
