/**
 * An ESLint rule that reports words that the project no longer uses in identifiers and comments. CONTRIBUTING.md has
 * the glossary.
 */

/** Beginnings of words, and what to write instead. */
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
 * Names that others read: saved settings, error codes and names of metrics, environment variables, codes of HTTP/2 and
 * Node.js.
 */
const FIXED_NAMES =
  /\b(?:maxAnswerMegabytes|oauthClientProof|ECONNREFUSED|[A-Z0-9_]*REFUSED_STREAM|GF_PLUGIN_\w+|[a-z0-9]+(?:_[a-z0-9]+)+)\b/g;

/** @returns The words of a comment, or of an identifier in camel case or in capitals, in small letters. */
function wordsOf(text) {
  return text
    .replace(FIXED_NAMES, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z]+/)
    .map((word) => word.toLowerCase());
}

function former(words) {
  return FORMER_WORDS.find(([start]) => words.some((word) => word.startsWith(start)));
}

export const words = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { former: '"{{word}}" is no longer used here: write {{instead}}. See the glossary in CONTRIBUTING.md.' },
  },
  create(context) {
    function check(node, text) {
      const entry = former(wordsOf(text));
      if (entry !== undefined) {
        context.report({ node, messageId: 'former', data: { word: entry[0], instead: entry[1] } });
      }
    }
    const checkName = (node) => check(node, node.name);
    return {
      Identifier: checkName,
      PrivateIdentifier: checkName,
      Program() {
        for (const comment of context.sourceCode.getAllComments()) {
          // Code between backticks may name an error code or a saved field.
          check(comment, comment.value.replace(/`[^`]*`/g, ''));
        }
      },
    };
  },
};
