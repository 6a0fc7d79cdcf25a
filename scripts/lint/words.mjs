/**
 * Words that the project no longer uses: an ESLint rule that reports them in identifiers, comments and exported names,
 * and a function that finds them in Markdown. CONTRIBUTING.md has the glossary.
 */

/** Prefixes of former words, with the words to write instead. */
const FORMER_WORDS = [
  ['answer', 'response (of a call) or result (of a query)'],
  ['refus', 'reject or rejection'],
  ['proof', 'client authentication or audit check'],
  ['lease', 'handle'],
  ['doubt', 'warning'],
  ['remark', 'notice'],
  ['particulars', 'details'],
];

/**
 * Exceptions are names that other programs read: saved settings, error codes, metrics, environment variables, codes of
 * HTTP/2 and Node.js, and the DPoP proof of RFC 9449.
 */
const FIXED_NAMES =
  /\b(?:maxAnswerMegabytes|oauthClientProof|DPoP proof|ECONNREFUSED|[A-Z0-9_]*REFUSED_STREAM|GF_PLUGIN_\w+|[a-z0-9]+(?:_[a-z0-9]+)+)\b/g;

/** Words that exported names must not contain, with the words to write instead. */
const FORMER_EXPORTED_WORDS = [['text', 'sql, source, string, value, message or label']];

/** Exceptions: parts of exported names that are standard terms, such as the control of a form. */
const FIELD_TERMS = /TextArea/g;

/** @returns The words of a comment, or of an identifier in camel case or in capitals, in small letters. */
function wordsOf(string) {
  return string
    .replace(FIXED_NAMES, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .map((word) => word.toLowerCase());
}

function former(words) {
  return FORMER_WORDS.find(([start]) => words.some((word) => word.startsWith(start)));
}

/** Inline code, which may name an error code or a saved field. */
const INLINE_CODE = /`[^`]*`/g;
/** Code, and targets of links. */
const NO_PROSE = [INLINE_CODE, /\]\([^()\s]*\)/g, /\bhttps?:\S+/g];
const CODE_BLOCK = /^ *```[\s\S]*?^ *```$/gm;

/** @returns The lines of Markdown with former words in their prose, and what to write instead: `3: "answer": write …`. */
export function formerWordsInMarkdown(markdown) {
  const lines = markdown.replace(CODE_BLOCK, (block) => block.replace(/[^\n]/g, '')).split('\n');
  return lines.flatMap((line, index) => {
    const prose = NO_PROSE.reduce((string, pattern) => string.replace(pattern, ' '), line);
    const entry = former(wordsOf(prose));
    return entry === undefined ? [] : [`${index + 1}: "${entry[0]}": write ${entry[1]}`];
  });
}

/** The entry of FORMER_EXPORTED_WORDS for a name in camel case or in capitals. Plurals count as the word. */
function formerExported(name) {
  const parts = wordsOf(name.replace(FIELD_TERMS, ''));
  return FORMER_EXPORTED_WORDS.find(([word]) => parts.some((part) => part === word || part === `${word}s`));
}

/** @returns The identifiers that an exported declaration declares. Exports use no destructuring. */
function declaredNames(declaration) {
  return declaration?.type === 'VariableDeclaration'
    ? declaration.declarations.map(({ id }) => id)
    : [declaration?.id].filter(Boolean);
}

export const words = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      former: '"{{word}}" is no longer used here: write {{instead}}. See the glossary in CONTRIBUTING.md.',
      exported: '"{{word}}" is not used in exported names: write {{instead}}.',
    },
  },
  create(context) {
    function check(node, string) {
      const entry = former(wordsOf(string));
      if (entry !== undefined) {
        context.report({ node, messageId: 'former', data: { word: entry[0], instead: entry[1] } });
      }
    }
    const checkName = (node) => check(node, node.name);
    function checkExported(node) {
      const entry = node.type === 'Identifier' ? formerExported(node.name) : undefined;
      if (entry !== undefined) {
        context.report({ node, messageId: 'exported', data: { word: entry[0], instead: entry[1] } });
      }
    }
    return {
      ExportNamedDeclaration: ({ declaration }) => declaredNames(declaration).forEach(checkExported),
      ExportSpecifier: ({ exported }) => checkExported(exported),
      Identifier: checkName,
      PrivateIdentifier: checkName,
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          check(comment, comment.value.replace(INLINE_CODE, ''));
        }
      },
    };
  },
};
