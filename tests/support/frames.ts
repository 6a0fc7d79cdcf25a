/** Decodes frames with apache-arrow. */
import { arrowTable } from '../../demo/plugin-host/arrow-files';
import { type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';

export interface ReadFrame {
  /** Column names with their Arrow types. */
  types: Record<string, string>;
  rowCount: number;
  /** Values of a column. Times have the unit that apache-arrow returns: nanoseconds or milliseconds. */
  column(name: string): unknown[];
  labels(name: string): Record<string, string>;
  /** Display options of a column. */
  config(name: string): Record<string, unknown>;
  meta: {
    type?: string;
    typeVersion?: number[];
    preferredVisualisationPluginId?: string;
    executedQueryString?: string;
    custom?: unknown;
    stats?: Array<{ displayName: string; value: number }>;
    notices?: Array<{ severity: string; text: string }>;
  };
}

export function readFrames(response: Pick<DataResponse, 'frames'>): ReadFrame[] {
  return response.frames.map((bytes) => {
    const table = arrowTable(bytes);
    const fields = table.schema.fields;
    const field = (name: string) => {
      const found = fields.find((candidate) => candidate.name === name);
      if (found === undefined) {
        throw new Error(`No column ${name} among ${fields.map((candidate) => candidate.name).join(', ')}`);
      }
      return found;
    };
    return {
      types: Object.fromEntries(fields.map(({ name, type }) => [name, String(type)])),
      rowCount: table.numRows,
      column: (name) => [...(table.getChild(field(name).name) ?? [])],
      labels: (name) => JSON.parse(field(name).metadata.get('labels') ?? '{}'),
      config: (name) => JSON.parse(field(name).metadata.get('config') ?? '{}'),
      meta: JSON.parse(table.schema.metadata.get('meta') ?? '{}'),
    };
  });
}

/** The notices of a frame, one by one. In its metadata, the notices of each severity are joined into one string. */
export function noticesOf({ meta }: ReadFrame): string[] {
  return (meta.notices ?? []).flatMap(({ text }) => text.replace(/^• /, '').split('\n• '));
}

/** Names that Grafana shows for more than one column, for example in a CSV file. */
export function repeatedNames({ types, config }: ReadFrame): unknown[] {
  const shown = Object.keys(types).map((name) => config(name).displayName ?? name);
  return shown.filter((name, column) => shown.indexOf(name) < column);
}

/** The only frame of a successful response. @throws {Error} with the message of a failed response. */
export function onlyFrame(response: DataResponse): ReadFrame {
  if (response.error !== '') {
    throw new Error(response.error);
  }
  const frames = readFrames(response);
  if (frames.length !== 1) {
    throw new Error(`Expected one frame, received ${frames.length}.`);
  }
  return frames[0];
}
