import { type IpcMessage } from '../arrow-ipc/ipc-message';
import { type PlainColumn } from '../arrow-ipc/plain-column';
import { ArrowFrameWriter } from './arrow-frame-writer';
import { type FrameHeader } from './frame-field';
import { JsonFrameWriter } from './json-frame-writer';

/** Encodes one frame. */
export interface FrameWriter {
  /**
   * Takes rows as columns of equal length. Their buffers must not change afterwards.
   *
   * @param message The Arrow message that holds exactly these columns, if there is one: it may be written in their place.
   * @throws {ProxyError} 'result_too_large' as soon as one answer to Grafana cannot hold the rows.
   */
  add(length: number, columns: readonly PlainColumn[], message?: IpcMessage): void;
  /** Takes rows as the message that holds them, without their columns. Missing where the encoding is another. */
  addMessage?(message: IpcMessage): void;
  /**
   * @param part `rows`: a later part of a frame, whose header was sent before. Arrow repeats it all the same.
   * @throws {ProxyError} 'result_too_large'
   */
  finish(header: FrameHeader, part?: 'whole' | 'rows'): Uint8Array[];
}

export function createFrameWriter(encoding: 'arrow' | 'json' = 'arrow'): FrameWriter {
  return encoding === 'json' ? new JsonFrameWriter() : new ArrowFrameWriter();
}
