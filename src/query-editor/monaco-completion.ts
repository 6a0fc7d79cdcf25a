/** The pure suggestions of `src/sql` as a completion provider of Monaco, for one editor only. */
import { type Monaco, type MonacoEditor, type monacoTypes } from '@grafana/ui';
import { type CompletionSource, completeAt, type Suggestion, type SuggestionKind } from '../sql/completion';

/** Order in the list: what the query's own tables offer comes first. */
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
    // What is typed may differ from the label: `${na` stands for `$name`.
    filterText: kind === 'variable' ? `${label} ${insertText}` : label,
    sortText: `${ORDER.indexOf(kind)}${label}`,
    range,
  };
}

/**
 * Monaco keeps providers per language and asks all of them for every editor of the page: this one answers for its own
 * editor and is silent for others, such as those of other data sources.
 *
 * @returns What ends the registration.
 */
export function registerCompletion(
  monaco: Monaco,
  editor: MonacoEditor,
  language: string,
  source: CompletionSource
): monacoTypes.IDisposable {
  return monaco.languages.registerCompletionItemProvider(language, {
    // Not the space: with an open list, Enter would take a suggestion where a new line was meant.
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
