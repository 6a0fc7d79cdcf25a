/**
 * The query string of the route `image`, which selects an image by process, time, name and block. Times have nanosecond
 * precision.
 */
import { isInstanceId } from '../../../contract/resources/lookups';
import { isNanoseconds } from '../../../contract/logs/log-context';
import { ProxyError } from '../../base/errors/proxy-error';

/** The address of an image. It is unique if name and block are set. */
export interface ImageAddress {
  processId: string;
  /** Nanoseconds since 1970. */
  time: bigint;
  /** The name of the image. Undefined: any name. */
  name: string | undefined;
  /** The block that contains the image. Undefined: any block. */
  blockId: string | undefined;
}

/** Maximum length of an image name, in characters. */
export const MAX_NAME_CHARACTERS = 1000;

/** A query string whose characters are safe in the URL of a link. */
export function imageQuery({ processId, time, name, blockId }: ImageAddress): string {
  const entries = { process: processId, time: String(time), name, block: blockId };
  return Object.entries(entries)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${encodeURIComponent(value.toWellFormed())}`]))
    .join('&');
}

/**
 * Reads the address of an image from the parameters of a request.
 *
 * @param parameter Returns the value of a parameter by its name; empty if it is missing.
 * @throws {ProxyError} 'resource_invalid'
 */
export function readImageAddress(parameter: (name: string) => string): ImageAddress {
  const [processId, time, name, blockId] = ['process', 'time', 'name', 'block'].map(parameter);
  if (!isInstanceId(processId)) {
    throw invalid('The parameter process is not the id of a process.');
  }
  if (!isNanoseconds(time)) {
    throw invalid('The parameter time is not a time in nanoseconds since 1970.');
  }
  if (name.length > MAX_NAME_CHARACTERS) {
    throw invalid(`The parameter name has ${name.length} characters; at most ${MAX_NAME_CHARACTERS} are allowed.`);
  }
  if (blockId !== '' && !isInstanceId(blockId)) {
    throw invalid('The parameter block is not the id of a block.');
  }
  return { processId, time: BigInt(time), name: name || undefined, blockId: blockId || undefined };
}

function invalid(detail: string): ProxyError {
  return new ProxyError('resource_invalid', { detail });
}
