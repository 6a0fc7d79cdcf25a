/** Suggested operations, and keys and values of attributes: those of some recent processes, since spans are stored per process. */
import { type TracesRequest } from '../../../contract/query-types/traces';
import { useSuggestions } from '../../builder/builder-context';
import { type Option, type Suggestions } from '../../builder/suggestions';
import { type AttributeSuggestions } from './AttributeRows';

const TABLE = 'otel_spans';
const COLUMN = 'properties';

/** Equal options of several processes are listed once. */
function merged(lists: ReadonlyArray<readonly Option[]>): Option[] {
  return [...new Map(lists.flat().map((option) => [option.value, option])).values()];
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

export function useSpanSuggestions(request: TracesRequest): SpanSuggestions {
  const suggestions = useSuggestions();
  const values = (column: string, property: string | undefined, search: string) =>
    ofProcesses(suggestions, request, (instanceId) =>
      suggestions.values({ table: TABLE, instanceId }, { column, ...(property !== undefined && { property }) }, search)
    );
  return {
    operations: (search) => values('name', undefined, search),
    keys: async (search) => {
      const found = await ofProcesses(suggestions, request, (instanceId) =>
        suggestions.propertyKeys({ table: TABLE, instanceId }, COLUMN)
      );
      const wanted = search.toLowerCase();
      return found
        .map(({ value }) => value.slice(COLUMN.length + 1))
        .filter((key) => key.toLowerCase().includes(wanted))
        .map((key) => ({ value: key, label: key }));
    },
    values: async (key, search) => (key === '' ? suggestions.variables(search) : values(COLUMN, key, search)),
  };
}
