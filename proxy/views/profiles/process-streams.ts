/** Reads the streams of a process. The streams show which spans the process has, or why it has no spans. */
import { StringMap, StringSet } from '../../../contract/string-map';
import { parseJson } from '../../../contract/parse-json';
import { type ProfileRequest, type ProfileSpans } from '../../../contract/query-types/profile';
import { firstCharacters } from '../../base/errors/truncate-string';
import { formatCount } from '../../frames/data-frames/format-count';
import { ProxyError } from '../../base/errors/proxy-error';
import { HeapCount } from '../lake-reader/heap-count';
import { type ViewContext } from '../view-context';
import { JsonColumn } from '../lake-reader/row-batch';
import { STREAM_COLUMNS, streamsSql } from './profile-sql';

/**
 * Maximum number of streams of a process that are read. A process has one stream per thread, and some other streams.
 */
const MAX_STREAMS = 20_000;
/** Maximum number of UTF-16 units of the name of a thread. */
const MAX_NAME_CHARACTERS = 200;
/** Maximum bytes of the objects of a thread. */
const STREAM_BYTES = 500 + MAX_NAME_CHARACTERS * 2;

/** The threads of a process, and whether it has network messages. */
export interface ProcessStreams {
  /** Names of the threads by stream. */
  threads: ReadonlyMap<string, string>;
  /** True if a stream has network messages. */
  hasMessages: boolean;
}

/** Replaces tags that are not in `KINDS`. */
const OTHER_TAG = 'other';

/** Names of the kinds of streams, in the order in which error messages list them. */
const KINDS: ReadonlyArray<readonly [tag: string, name: string]> = [
  ['log', 'log messages'],
  ['metrics', 'metrics'],
  ['trace', 'OpenTelemetry spans'],
  ['cpu', 'calls of threads'],
  ['net', 'network messages'],
  ['image', 'images'],
];

/**
 * Reads all streams of the process, of any time.
 *
 * @param spans The kinds of spans that the query shows.
 * @throws {ProxyError} 'profile_not_available' if the process or the stream has none of these spans, and errors of the
 *   statement.
 */
export async function readStreams(
  { processId, streamId }: ProfileRequest,
  spans: ReadonlySet<ProfileSpans>,
  lake: ViewContext
): Promise<ProcessStreams> {
  const tags = new StringSet();
  const threads = new StringMap<string>();
  const heap = new HeapCount(lake.memory);
  const kinds = new JsonColumn('tags', kindsIn);
  const statement = { sql: streamsSql(processId), range: undefined, maxRows: MAX_STREAMS, columns: STREAM_COLUMNS };
  for await (const batch of lake.read(statement)) {
    const streamIds = batch.ids('stream_id');
    const [names, threadIds] = ['thread_name', 'thread_id'].map((name) => batch.strings(name));
    const kindsOf = batch.json(kinds);
    for (let row = 0; row < batch.length; row++) {
      const stream = streamIds(row);
      const ofStream = kindsOf(row);
      ofStream.forEach((tag) => tags.add(tag));
      if (ofStream.includes('cpu')) {
        const parts = [names(row), threadIds(row)].filter((part) => part !== undefined && part !== '');
        threads.set(stream, firstCharacters(parts.join('-'), MAX_NAME_CHARACTERS) || stream);
      }
    }
    heap.set(threads.size * STREAM_BYTES);
  }
  check(streamId, spans, tags, threads);
  return { threads, hasMessages: tags.has('net') };
}

/** The tags of a JSON list that are in `KINDS`. All other tags together become one `OTHER_TAG`. */
function kindsIn(json: string): string[] {
  const tags: unknown = json.startsWith('[') ? parseJson(json) : [];
  const found = Array.isArray(tags) ? tags : [];
  const named = KINDS.map(([tag]) => tag).filter((tag) => found.includes(tag));
  return found.length > named.length ? [...named, OTHER_TAG] : named;
}

function check(
  streamId: string | undefined,
  spans: ReadonlySet<ProfileSpans>,
  tags: ReadonlySet<string>,
  threads: ReadonlyMap<string, string>
): void {
  if (tags.size === 0) {
    throw new ProxyError('profile_not_available', { detail: 'No process with this id has sent telemetry.' });
  }
  const needsThreads = spans.has('thread') || spans.has('async');
  const hasSome = (needsThreads && threads.size > 0) || (spans.has('net') && tags.has('net'));
  const known = KINDS.filter(([tag]) => tags.has(tag)).map(([, name]) => name);
  const sent = known.length === 0 ? '' : ` It has ${known.join(', ')}.`;
  if (!hasSome) {
    throw new ProxyError('profile_not_available', {
      detail: `The process has sent no ${needsThreads ? 'calls of threads' : 'network messages'}.${sent}`,
    });
  }
  if (streamId !== undefined && !threads.has(streamId)) {
    throw new ProxyError('profile_not_available', {
      detail: `The stream is not a thread of this process, which has ${formatCount(threads.size, 'thread')}.`,
    });
  }
}
