/**
 * Suggests operations, attribute keys and attribute values. Spans are stored per process, so only the spans of some
 * recent processes are read.
 */
import { StringMap } from '../../../../contract/string-map';
import { type ColumnRef } from '../../../../contract/builder/builder-state';
import { type TracesRequest } from '../../../../contract/query-types/traces';
import { useSuggestions } from '../../builder/builder-context';
import { matching, type Option, type Suggestions } from '../../builder/suggestions';
import { type AttributeSuggestions } from './AttributeRows';

const TABLE = 'otel_spans';
const COLUMN = 'properties';

/**
 * Prefixes of resource attributes. Their keys begin with `RESOURCE` in conditions, and with `RESOURCE_PROPERTY` in the
 * properties of a process.
 */
const RESOURCE = 'resource.';
const RESOURCE_COLUMN = 'process_properties';
const RESOURCE_PROPERTY = 'otel.resource.';

/** The key of an attribute in conditions. Undefined for a property of the process that is not an attribute. */
function attributeKey(column: string, property: string): string | undefined {
  if (column === COLUMN) {
    return property;
  }
  return property.startsWith(RESOURCE_PROPERTY) ? RESOURCE + property.slice(RESOURCE_PROPERTY.length) : undefined;
}

function placeOf(key: string): { column: string; property: string } {
  return key.startsWith(RESOURCE)
    ? { column: RESOURCE_COLUMN, property: RESOURCE_PROPERTY + key.slice(RESOURCE.length) }
    : { column: COLUMN, property: key };
}

/** Joins the options of several processes. Equal options are listed once. */
function merged(lists: ReadonlyArray<readonly Option[]>): Option[] {
  return [...new StringMap(lists.flat().map((option) => [option.value, option])).values()];
}

async function ofProcesses(
  suggestions: Suggestions,
  { services = [], processId }: TracesRequest,
  read: (instanceId: string) => Promise<Option[]>
): Promise<Option[]> {
  const ids = processId === undefined ? await suggestions.spanProcesses(services) : [processId];
  return merged(await Promise.all(ids.map(read)));
}

type SpanSuggestions = AttributeSuggestions & { operations: (search: string) => Promise<Option[]> };

/**
 * The suggestions for a request. They are empty if no process matches the request. `BuilderContext` reports a failed
 * lookup.
 */
export function useSpanSuggestions(request: TracesRequest): SpanSuggestions {
  const suggestions = useSuggestions();
  const values = (ref: ColumnRef, search: string) =>
    ofProcesses(suggestions, request, (instanceId) => suggestions.values({ table: TABLE, instanceId }, ref, search));
  const keysIn = async (column: string) => {
    const found = await ofProcesses(suggestions, request, (instanceId) =>
      suggestions.propertyKeys({ table: TABLE, instanceId }, column)
    );
    return found.flatMap(({ value }) => attributeKey(column, value.slice(column.length + 1)) ?? []);
  };
  return {
    operations: (search) => values({ column: 'name' }, search),
    keys: async (search) => {
      const found = await Promise.all([COLUMN, RESOURCE_COLUMN].map(keysIn));
      return matching(
        found.flat().map((key) => ({ value: key, label: key })),
        search
      );
    },
    values: async (key, search) => (key === '' ? suggestions.variables(search) : values(placeOf(key), search)),
  };
}
