/** Recognizes failures of a process that may open no further file or connection. */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { ProxyError } from './proxy-error';

/** The limit of the process, and that of the machine. */
const NO_HANDLES: readonly string[] = ['EMFILE', 'ENFILE'];

/** The resolver reports a name as unknown if it cannot open its files and sockets. */
const NOT_RESOLVED: readonly string[] = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME'];
/** The code of a thread that did not start. Only the message has the code of the reason. */
const NO_THREAD = 'ERR_WORKER_INIT_FAILED';

/** The code of the failure to open a file that always exists. Empty if the file was opened. */
function openingFailure(): string {
  try {
    closeSync(openSync(devNull, 'r'));
    return '';
  } catch (reason) {
    return codeOf(reason);
  }
}

/** The code of Node's error. Empty for other values. */
function codeOf(reason: unknown): string {
  return reason instanceof Error && 'code' in reason ? String(reason.code) : '';
}

function systemCode(reason: unknown): string {
  const code = codeOf(reason);
  if (code === NO_THREAD) {
    return /\bE[MN]FILE$/.exec(String(reason))?.[0] ?? code;
  }
  return NOT_RESOLVED.includes(code) ? openingFailure() : code;
}

/** @returns `no_file_handles` if a caught error has this reason. Undefined for other errors. */
export function noFileHandles(reason: unknown): ProxyError | undefined {
  const code = systemCode(reason);
  return NO_HANDLES.includes(code)
    ? new ProxyError('no_file_handles', { detail: `Code: ${code}.`, cause: reason })
    : undefined;
}
