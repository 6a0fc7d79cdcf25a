/** Registers completion and hover of `src/editor/sql` as providers in Monaco. */
import { type Monaco, type MonacoEditor, type monacoTypes } from '@grafana/ui';
import { completeAt, type CompletionSource } from '../sql/completion';
import { type Hover, hoverAt } from '../sql/hover';
import { type Suggestion, type SuggestionKind } from '../sql/suggestion';

/** The kinds of suggestions in the order of the list. */
const ORDER: readonly SuggestionKind[] = ['value', 'column', 'table', 'variable', 'macro', 'function', 'keyword'];

/**
 * Characters after which Monaco opens the list. A space does not open the list: while the list is open, Enter inserts a
 * suggestion and not a new line.
 */
const TRIGGERS = ['.', '$', '{', "'"];

function itemKind(monaco: Monaco, kind: SuggestionKind): monacoTypes.languages.CompletionItemKind {
  const kinds = monaco.languages.CompletionItemKind;
  switch (kind) {
    case 'value':
      return kinds.Value;
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

/**
 * Values keep the order of the server: most lists begin with the most frequent or the most recent value. All other
 * suggestions are sorted by name.
 */
function sortKey({ kind, label }: Suggestion, index: number): string {
  return `${ORDER.indexOf(kind)}${kind === 'value' ? String(index).padStart(6, '0') : label}`;
}

function toItem(
  monaco: Monaco,
  range: monacoTypes.IRange,
  suggestion: Suggestion,
  index: number
): monacoTypes.languages.CompletionItem {
  const { label, insertText, isSnippet, kind, detail, documentation, filterText, isContinued } = suggestion;
  return {
    label,
    insertText,
    insertTextRules: isSnippet ? monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet : undefined,
    kind: itemKind(monaco, kind),
    detail,
    documentation,
    filterText: filterText ?? label,
    sortText: sortKey(suggestion, index),
    range,
    command: isContinued ? { id: 'editor.action.triggerSuggest', title: '' } : undefined,
  };
}

/**
 * Converts offsets to a range of Monaco.
 *
 * @param start UTF-16 offset in the SQL of the model.
 * @param end   Exclusive.
 */
export function rangeOf(model: monacoTypes.editor.ITextModel, start: number, end: number): monacoTypes.IRange {
  const from = model.getPositionAt(start);
  const to = model.getPositionAt(end);
  return {
    startLineNumber: from.lineNumber,
    startColumn: from.column,
    endLineNumber: to.lineNumber,
    endColumn: to.column,
  };
}

/** Escapes a string, so that Markdown shows its characters unchanged. */
function plainMarkdown(value: string): string {
  return value.replace(/[\\`*_{}[\]()#+\-.!|<>&$~]/g, '\\$&');
}

function hoverContents({ title, description }: Hover): monacoTypes.IMarkdownString[] {
  // The title may be a name from telemetry, so it must not be able to end the code block.
  const code = { value: `\`\`\`\`sql\n${title.replace(/[`\n]/g, ' ')}\n\`\`\`\`` };
  return description === '' ? [code] : [code, { value: plainMarkdown(description) }];
}

/**
 * Registers completion and hover for one editor. Monaco calls the providers of a language for every editor of the page,
 * including those of other data sources, so these providers return nothing for other editors.
 *
 * @returns An object whose `dispose` removes the providers.
 */
export function registerProviders(
  monaco: Monaco,
  editor: MonacoEditor,
  language: string,
  source: CompletionSource
): monacoTypes.IDisposable {
  const completion = monaco.languages.registerCompletionItemProvider(language, {
    triggerCharacters: TRIGGERS,
    provideCompletionItems: async (model, position) => {
      if (model !== editor.getModel()) {
        return { suggestions: [] };
      }
      const found = await completeAt(model.getValue(), model.getOffsetAt(position), source);
      const range = rangeOf(model, found.start, found.end);
      return {
        suggestions: found.suggestions.map((suggestion, index) => toItem(monaco, range, suggestion, index)),
        incomplete: found.isIncomplete,
      };
    },
  });
  const hover = monaco.languages.registerHoverProvider(language, {
    provideHover: async (model, position) => {
      if (model !== editor.getModel()) {
        return null;
      }
      const found = await hoverAt(model.getValue(), model.getOffsetAt(position), source);
      return found ? { contents: hoverContents(found), range: rangeOf(model, found.start, found.end) } : null;
    },
  });
  return {
    dispose: () => {
      completion.dispose();
      hover.dispose();
    },
  };
}
