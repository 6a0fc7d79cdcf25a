/** Makes the suggestions of `src/sql` a completion provider of Monaco. */
import { type Monaco, type MonacoEditor, type monacoTypes } from '@grafana/ui';
import { type SchemaStore } from '../schema/schema-store';
import { type CompletionSource, completeAt, type Suggestion, type SuggestionKind } from '../sql/completion';

/** The part of the data source that completion uses. */
interface SchemaOwner {
  readonly schema: SchemaStore;
  variableNames: () => string[];
}

export function completionSource(owner: SchemaOwner): CompletionSource {
  return {
    tableNames: async () => (await owner.schema.tables()).map(({ name }) => name),
    columns: (table) => owner.schema.columns(table),
    variableNames: () => owner.variableNames(),
  };
}

/** Order of the list. Columns of the query's tables come first. */
const ORDER: readonly SuggestionKind[] = ['column', 'table', 'variable', 'macro', 'function', 'keyword'];

function itemKind(monaco: Monaco, kind: SuggestionKind): monacoTypes.languages.CompletionItemKind {
  const kinds = monaco.languages.CompletionItemKind;
  switch (kind) {
    case 'column':
      return kinds.Field;
    case 'table':
      return kinds.Struct;
    case 'function':
      return kinds.Function;
    case 'macro':
      return kinds.Snippet;
    case 'variable':
      return kinds.Variable;
    case 'keyword':
      return kinds.Keyword;
  }
}

function toItem(
  monaco: Monaco,
  range: monacoTypes.IRange,
  suggestion: Suggestion
): monacoTypes.languages.CompletionItem {
  const { label, insertText, isSnippet, kind, detail, documentation } = suggestion;
  return {
    label,
    insertText,
    insertTextRules: isSnippet ? monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet : undefined,
    kind: itemKind(monaco, kind),
    detail,
    documentation,
    // Monaco compares the typed text with `filterText`, which may differ from the label: `${na` matches `$name`.
    filterText: kind === 'variable' ? `${label} ${insertText}` : label,
    sortText: `${ORDER.indexOf(kind)}${label}`,
    range,
  };
}

/**
 * Registers completion for one editor. Monaco calls the providers of a language for every editor of the page, including
 * those of other data sources, so this provider returns nothing for other editors.
 *
 * @returns Disposes of the registration.
 */
export function registerCompletion(
  monaco: Monaco,
  editor: MonacoEditor,
  language: string,
  source: CompletionSource
): monacoTypes.IDisposable {
  return monaco.languages.registerCompletionItemProvider(language, {
    // A space is not a trigger: while the list is open, Enter inserts a suggestion and not a new line.
    triggerCharacters: ['.', '$', '{'],
    provideCompletionItems: async (model, position) => {
      if (model !== editor.getModel()) {
        return { suggestions: [] };
      }
      const { start, end, suggestions } = await completeAt(model.getValue(), model.getOffsetAt(position), source);
      const from = model.getPositionAt(start);
      const to = model.getPositionAt(end);
      const range: monacoTypes.IRange = {
        startLineNumber: from.lineNumber,
        startColumn: from.column,
        endLineNumber: to.lineNumber,
        endColumn: to.column,
      };
      return { suggestions: suggestions.map((suggestion) => toItem(monaco, range, suggestion)) };
    },
  });
}
