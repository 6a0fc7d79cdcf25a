/**
 * Adds links to the points of series, and removes links to telemetry that does not exist. Grafana shows the links of a
 * column in all of its rows. So a link is kept if its telemetry may exist for at least one row. Some columns exist only
 * for one link, and the ids in the URL of this link come from another column. In such a column, the cell of a row
 * becomes empty if the process of the row lacks the telemetry.
 */
import { type DataFrame, type DataLink, type DataQueryResponse, type Field } from '@grafana/data';
import { type DataSourceRef } from '@grafana/schema';
import { map, type Observable, of } from 'rxjs';
import { CELL } from '../../../contract/queries/linked-queries';
import { type LookupRange, type StreamTag } from '../../../contract/resources/lookups';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { inTime } from '../../shared/lookups/lookup-in-time';
import { type Lookups } from '../../shared/lookups/lookups';
import { KnownTelemetry } from './known-telemetry';
import { hasMomentLinks, withMomentLinks } from './moment-links';

/**
 * What a link needs: a process that has a stream with the tag `tag`. `id` is the variable that Grafana replaces with
 * the process id, such as `${__value.raw}`.
 */
interface Need {
  id: string;
  tag: StreamTag;
}

const OTHER_FIELD = /^\$\{__data\.fields\["(\w+)"\]\}$/;
const PERFETTO = /\/resources\/perfetto\?process=(\$\{[^}]+\})/;

/** What a link needs. Undefined for a link that needs no telemetry, and for a link to one fixed process. */
function needOf({ url, internal }: DataLink): Need | undefined {
  const query: MicromegasQueryFields | undefined = internal?.query;
  const need = (id: string | undefined, tag: StreamTag) =>
    id !== undefined && (id === CELL || OTHER_FIELD.test(id)) ? { id, tag } : undefined;
  switch (query?.queryType) {
    case 'profile':
      return need(query.profile?.processId, 'cpu');
    case 'traces':
      return need(query.traces?.processId, 'trace');
    case 'processes':
      return query.processes?.view === 'images' ? need(query.processes.processId, 'image') : undefined;
    default:
      return need(PERFETTO.exec(url)?.[1], 'cpu');
  }
}

const needsOf = ({ config }: Field): Need[] => (config.links ?? []).flatMap((link) => needOf(link) ?? []);

/** True if the process of a row lacks the telemetry. Also true for a row without a process id. */
function isDead(id: unknown, tag: StreamTag, known: KnownTelemetry): boolean {
  return id === null || id === undefined || id === '' || known.lacks(String(id), tag);
}

/** The column, with empty cells in rows whose process lacks the linked data. Another column has the process ids. */
function usefulCells(field: Field, { id, tag }: Need, fields: Field[], known: KnownTelemetry): Field {
  const [, name] = OTHER_FIELD.exec(id) ?? [];
  const ids = fields.find((other) => other.name === name);
  return ids === undefined
    ? field
    : {
        ...field,
        values: field.values.map((value: unknown, row) => (isDead(ids.values[row], tag, known) ? null : value)),
      };
}

function usefulField(field: Field, fields: Field[], known: KnownTelemetry): Field {
  const { config, values } = field;
  const needs = needsOf(field);
  if (needs.length === 0) {
    return field;
  }
  if (isLinkColumn(field)) {
    return usefulCells(field, needs[0], fields, known);
  }
  const links = config.links?.filter((link) => {
    const need = needOf(link);
    return need?.id !== CELL || values.length === 0 || !values.every((id) => isDead(id, need.tag, known));
  });
  return { ...field, config: { ...config, links } };
}

const hasNeeds = (field: Field) => needsOf(field).length > 0;

/** True for a column that exists only for one link. Another column has the ids of the processes. */
function isLinkColumn(field: Field): boolean {
  const needs = needsOf(field);
  return needs.length === 1 && field.config.links?.length === 1 && needs[0].id !== CELL;
}

/** True if the response is worth a second drawing when a slow lookup returns. */
const showsLateLinks = (frame: DataFrame) => hasMomentLinks(frame) || frame.fields.some(isLinkColumn);

function withoutDeadLinks(frame: DataFrame, known: KnownTelemetry): DataFrame {
  const { fields } = frame;
  return fields.some(hasNeeds) ? { ...frame, fields: fields.map((field) => usefulField(field, fields, known)) } : frame;
}

/**
 * Emits the response with links to existing telemetry. A lookup returns the telemetry of the processes. Its result is
 * kept for five minutes. If the lookup fails, is switched off or takes longer than 0.25 s, no link to a process is
 * removed. A point of a program then has a link to the list of the program's processes in place of the flame graph. If
 * a slow lookup returns within another 10 s, a response with points or columns of links is emitted again, with links to
 * the telemetry that the lookup found.
 *
 * @param range Time range of the request.
 * @param showsEach True if Grafana shows each response when it arrives. False if Grafana waits for the last response.
 *   In that case, the response is emitted once.
 */
export function withUsefulLinks(
  response: DataQueryResponse,
  lookups: Pick<Lookups, 'get'>,
  range: LookupRange,
  datasource: DataSourceRef,
  showsEach: boolean
): Observable<DataQueryResponse> {
  const frames: DataFrame[] = response.data;
  if (!frames.some((frame) => hasMomentLinks(frame) || frame.fields.some(hasNeeds))) {
    return of(response);
  }
  const lookup = lookups.get({ kind: 'telemetry', range }).then(
    (list) => new KnownTelemetry(list),
    () => undefined
  );
  return inTime(lookup, showsEach && frames.some(showsLateLinks)).pipe(
    map((known = new KnownTelemetry()) => ({
      ...response,
      data: frames.map((frame) => withMomentLinks(withoutDeadLinks(frame, known), { datasource, range }, known)),
    }))
  );
}
