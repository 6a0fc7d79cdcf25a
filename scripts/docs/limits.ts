/**
 * The entries of the table of limits: a description of each limit, and its constants. `{MAX_QUERIES}` stands for the
 * value of the constant, `{file-name/MAX_QUERIES}` for the value of the constant in `file-name.ts`, and a unit
 * (`{NAME:bytes}`, `{NAME:ms}`, `{NAME:share}`) sets the format of the value.
 */

export interface Limit {
  what: string;
  /** Markdown of the cell, with placeholders for constants. */
  limit: string;
}

export interface LimitGroup {
  title: string;
  limits: readonly Limit[];
}

export const LIMIT_GROUPS: readonly LimitGroup[] = [
  {
    title: 'Queries',
    limits: [
      { what: 'Queries in a request', limit: '{request-bounds/MAX_QUERIES}' },
      { what: 'Name of a query (`refId`)', limit: '{MAX_REF_ID_CHARACTERS} characters' },
      { what: 'Interval of a point', limit: 'ten years; less than 1 ms counts as 1 ms' },
      {
        what: 'Time range',
        limit:
          'the setting _Longest range_, without a limit by default; begin not after end; times outside of the years 1678 to 2262 are clamped',
      },
      { what: 'Saved query as JSON', limit: '{MAX_MODEL_BYTES:bytes}' },
      { what: 'SQL', limit: '{MAX_SQL_CHARACTERS} characters' },
      { what: 'SQL with its macros expanded', limit: '{MAX_EXPANDED_CHARACTERS} characters' },
      { what: 'One statement', limit: '{MAX_STATEMENT_CHARACTERS} characters, else `query_too_long`' },
      {
        what: 'Sizes in a statement',
        limit:
          '{MAX_REQUESTED_SIZE} characters or values, {MAX_SIZE_OF_ROW} of them for each row, {MAX_PARENTHESES} nested parentheses, {MAX_CHAINED_OPERATORS} operators in a chain, {MAX_READ_TABLES} tables, {MAX_JOINS} joins of a query, else `statement_too_large`',
      },
      {
        what: 'Log patterns',
        limit:
          'the first {PATTERN_CHARACTERS} characters of a line, or {CUT_CHARACTERS} if there are many different messages; a sample above {MAX_PATTERN_LINES} lines; {count-messages/MAX_MESSAGES} messages are merged, {MAX_WORDS} words of each; {MAX_PATTERNS} rows, {SHOWN_SERIES} series, {LISTED_PATTERNS} new patterns in a list',
      },
      { what: 'SQL that a result shows in the query inspector', limit: 'its first {MAX_SHOWN_SQL} characters' },
      { what: 'Macros in arguments of macros', limit: '{MAX_MACRO_DEPTH} levels' },
      {
        what: 'Filters of a query (saved, ad hoc)',
        limit:
          '{MAX_FILTERS} of each kind, {MAX_FILTER_VALUES} values each, {MAX_FILTER_CHARACTERS} characters for a key or a value',
      },
      {
        what: 'Keys by which a viewer groups',
        limit: '{MAX_GROUP_KEYS}, {MAX_STRING_CHARACTERS} characters each',
      },
      {
        what: 'SQL that is parsed, with its filters',
        limit:
          '{MAX_PARSED_CHARACTERS} characters, {MAX_PARSED_TOKENS} tokens ({MAX_TOKEN_READS} with repetitions), {MAX_OPERATOR_DEPTH} nested operators',
      },
      {
        what: 'Time of the SQL parser',
        limit:
          '{running-thread/JOB_MS:ms}; {TURN_MS:ms} if another user waits; at most {MAX_WAITING} jobs wait, {MAX_WAITING_OF_USER} of one user',
      },
      { what: 'Memory of the SQL parser', limit: '{MAX_PARSER_BYTES:bytes}, then a new thread' },
      { what: 'Row limit of a query', limit: '{MAX_ROW_LIMIT}' },
      { what: 'Row limit of a data source', limit: '{DEFAULT_MAX_ROWS} by default' },
      {
        what: 'Query timeout',
        limit:
          '{DEFAULT_QUERY_TIMEOUT_SECONDS} s by default, at most {MAX_QUERY_TIMEOUT_SECONDS} s, for all statements of a query',
      },
      {
        what: 'Statements of a data source at the same time',
        limit:
          '{DEFAULT_MAX_STATEMENTS} of viewers by default, half of them of one user while others wait; as many for alert rules and Save & test, and for further statements of a query; at most {MAX_WAITING_STATEMENTS} wait, {MAX_WAITING_STATEMENTS_OF_USER} of one user',
      },
      {
        what: 'Places that late statements keep',
        limit:
          "a quarter of the statements of a data source, half of a user's share, for at most {MAX_HELD_MS:ms}; a cancelled statement is late after {LATE_AFTER_MS:ms}",
      },
      {
        what: 'Results that are shared',
        limit:
          '{MAX_KEPT_RESULT_BYTES:bytes} each, {MAX_KEPT_BYTES:bytes} in a data source, {KEPT_SHARE:share} of the memory budget in all; at most {MAX_RESULT_AGE_SECONDS} s old; SQL of {MAX_SHARED_CHARACTERS} characters',
      },
      {
        what: 'Results for incremental refresh',
        limit:
          '{MAX_BINNED_RESULT_BYTES:bytes} each, {MAX_BINNED_RESULTS_BYTES:bytes} in all, within the share of shared results',
      },
      { what: 'Label columns', limit: '{MAX_LABEL_COLUMNS} names of {query-bounds/MAX_COLUMN_CHARACTERS} characters' },
      { what: 'Legend', limit: '{MAX_LEGEND_CHARACTERS} characters' },
      { what: 'Filled intervals of a time series', limit: '{MAX_FILLED_BINS}' },
      { what: 'Cells of a time series', limit: '{MAX_CELLS}' },
      {
        what: 'Fields of the builder of the older plugin',
        limit: '{MAX_BUILDER_CHARACTERS} characters, {MAX_BUILDER_ENTRIES} entries',
      },
      { what: 'State of the builder', limit: '{MAX_TOTAL} characters, lists of {read-state/MAX_ENTRIES} entries' },
      { what: 'Dashboard, panel and rule in the audit log', limit: '{MAX_ORIGIN_LENGTH} characters' },
      { what: 'Forwarded OAuth token', limit: '{MAX_TOKEN_CHARACTERS} characters; a longer one counts as missing' },
    ],
  },
  {
    title: 'Logs',
    limits: [
      {
        what: 'Context of a log line',
        limit:
          '{MAX_CONTEXT_LINES} lines in a step; of a computer, {MAX_COMPUTER_WINDOW_MS:ms} before or after the line',
      },
      { what: 'Step of a live tail', limit: '{MAX_TAIL_LINES} lines, {MAX_TAIL_SECONDS} seconds of arrival' },
      { what: 'Bars of the log volume', limit: '{volume-bins/MAX_BINS}' },
      {
        what: 'Parts of a time range in which log lines are read',
        limit: '{MAX_SLICES}; for time ranges of at least {MIN_SLICED_MS:ms}',
      },
      { what: 'Lines that a page of log lines may repeat', limit: '{MAX_SHOWN}' },
    ],
  },
  {
    title: 'Traces, profiles and processes',
    limits: [
      {
        what: 'Lists of a trace search',
        limit: '{MAX_CONDITIONS} entries, strings of {schemas/MAX_STRING_CHARACTERS} characters',
      },
      {
        what: 'Traces of a search',
        limit: '{DEFAULT_TRACES} by default, at most {MAX_TRACES}, in {MAX_TRACE_PROCESSES} processes',
      },
      { what: 'Spans of a trace', limit: '{read-trace/MAX_SPANS}' },
      {
        what: 'Service map',
        limit:
          '{MAX_MAP_PROCESSES} processes, {service-map/MAX_ROWS} rows, {MAX_MAP_NODES} services, {MAX_EDGES} calls',
      },
      {
        what: 'Flame graph',
        limit:
          '{MAX_CALLS} calls, {MAX_THREADS} threads, {functions/MAX_FUNCTIONS} functions, {MAX_PATHS} call paths of {MAX_LEVELS} levels, of which {MAX_SHOWN_PATHS} are shown',
      },
      { what: 'Part of a flame graph of a long range', limit: '{PART_CALLS} calls' },
      { what: 'Functions in the table', limit: '{MAX_LISTED_FUNCTIONS}' },
      { what: 'Streams of a process in a profile', limit: '{MAX_STREAMS}' },
      { what: 'Timeline', limit: '{MAX_TIMELINE_SPANS} spans' },
      { what: 'List of processes', limit: '{DEFAULT_PROCESSES} by default, at most {MAX_LISTED_PROCESSES}' },
      {
        what: 'Tree of processes',
        limit: '{MAX_TREE_NODES} processes, {MAX_TREE_DEPTH} levels of parents and of children',
      },
      {
        what: 'Images in a table',
        limit: '{MAX_IMAGES} rows; images of {MAX_INLINE_BYTES:bytes}, {MAX_ALL_INLINE_BYTES:bytes} in all',
      },
      {
        what: 'What changed',
        limit:
          '{MAX_CHANGED_PROCESSES} processes, {MAX_GROUPS} versions, {MAX_CHANGES} rows; {MAX_LINE_GROUPS} combinations of process, target and level; {MAX_CALL_PROCESSES} processes with traces; the lines of {MAX_PROGRAM_PROCESSES} processes of programs',
      },
    ],
  },
  {
    title: 'Calls of editors and files',
    limits: [
      { what: 'Query string of a call', limit: '{MAX_QUERY_STRING} characters; name of a table: {MAX_TABLE_NAME}' },
      {
        what: 'Body of a lookup',
        limit: '{read-request/MAX_BODY_BYTES:bytes}; strings of {MAX_LOOKUP_CHARACTERS} characters',
      },
      {
        what: 'Result of a lookup',
        limit:
          '{lookup-sql/MAX_ITEMS} items ({MAX_OFFERED_PROCESSES} processes, {lookup-sql/MAX_FUNCTIONS} functions) of {MAX_ITEM_CHARACTERS} characters; {run-lookup/LIMIT_MS:ms}',
      },
      {
        what: 'Rows that a lookup samples',
        limit: '{SAMPLE_ROWS}; properties: {PROPERTY_SAMPLE_ROWS}, measures: {MEASURE_SAMPLE_ROWS}; three samples',
      },
      { what: 'List of tables', limit: '{MAX_READ_TABLES} tables, {read-tables/MAX_COLUMNS} columns' },
      {
        what: 'Freshness statements of a data source in Explore',
        limit: '{MAX_BURST} at once, then one in {STATEMENT_EVERY_MS:ms}; {ask-arrivals/LIMIT_MS:ms} each',
      },
      {
        what: 'Freshness results that are cached for Explore',
        limit: '{freshness/MAX_RESULTS}, for {freshness/LIFETIME_MS:ms}',
      },
      {
        what: 'Freshness statements of a user and data source for dashboards',
        limit: 'one in {ASK_EVERY_MS:ms}, for {MAX_USERS} users; {ask-arrivals/LIMIT_MS:ms} each',
      },
      { what: 'SQL that is analyzed for freshness', limit: '{freshness/MAX_CHARACTERS} characters' },
      {
        what: 'Audit check of an admin (route `who-am-i`)',
        limit:
          '{MAX_LOOKS} queries of {read-who-am-i/LIMIT_MS:ms}; {MAX_CHECKS_OF_ONE} checks of one admin and data source, {MAX_OWNERS} such pairs, for {pending-audit-checks/KEPT_MS:ms}',
      },
      {
        what: 'Record of a query (route `query-costs`)',
        limit:
          '{read-query-costs/MAX_STATEMENTS} statements; {read-query-costs/LIMIT_MS:ms}; strings of {read-query-costs/MAX_CHARACTERS} characters',
      },
      {
        what: 'Diagnostics file',
        limit:
          '{MAX_DIAGNOSTIC_REQUESTS} queries of a data source, {MAX_REQUESTS_IN_ALL} in all; strings of {history/MAX_CHARACTERS} characters',
      },
      { what: 'Image of a process', limit: '{MAX_IMAGE_BYTES:bytes}; {SENDING_MS:ms}' },
      {
        what: 'Perfetto trace',
        limit:
          '{MAX_TRACE_BYTES:bytes}; {DOWNLOAD_MS:ms}, or the query timeout if that is longer; {SILENCE_MS:ms} without data of the server',
      },
      {
        what: 'Files in flight for a data source',
        limit:
          '{MAX_OPEN_TRACES} Perfetto traces, {MAX_OPEN_TRACES_OF_USER} of a user; {MAX_OPEN_IMAGES} images, {MAX_OPEN_IMAGES_OF_USER} of a user; further calls fail with `too_many_files`',
      },
      {
        what: 'Reader of a file who does not read',
        limit: '{IMAGE_PART_MS:ms} (image) or {TRACE_PART_MS:ms} (trace) for {resource-files/PIECE_BYTES:bytes}',
      },
    ],
  },
  {
    title: 'Memory',
    limits: [
      {
        what: 'Memory budget (`memory_budget_mb`)',
        limit:
          '{budget-size/SHARE:share} of the memory of the machine or container, from {LEAST_BYTES:bytes} to {MOST_BYTES:bytes}; as a setting, at least {LEAST_SETTING_MB} MB',
      },
      { what: 'One query', limit: '{QUERY_SHARE:share} of the budget, at most {memory-budget/MAX_QUERY_BYTES:bytes}' },
      {
        what: 'All unfinished requests of Grafana',
        limit: '{REQUEST_SHARE:share} of the budget; one request: {MAX_REQUEST_BYTES:bytes}',
      },
      { what: 'All files in flight', limit: '{FILE_SHARE:share} of the budget' },
      { what: 'Arrival of a request', limit: '{REQUEST_TIMEOUT_MS:ms}' },
      { what: 'Sending of a result after the query timeout', limit: '{LATE_SENDING_MS:ms}' },
      { what: 'Rows that are converted in one step', limit: '{MAX_SLICE_ROWS}' },
    ],
  },
  {
    title: 'Results of the server',
    limits: [
      {
        what: 'Header of an Arrow message',
        limit: '{MAX_METADATA_BYTES:bytes}; names of a schema: {MAX_METADATA_STRING_BYTES:bytes}',
      },
      { what: 'Name of a column', limit: '{MAX_NAME_BYTES:bytes}, then it is truncated' },
      {
        what: 'Fields of a schema',
        limit: '{MAX_FIELDS}, nested {MAX_SCHEMA_DEPTH} levels; of a union: {MAX_UNION_FIELDS}',
      },
      { what: 'Endpoints of a result', limit: '{MAX_ENDPOINTS}, each with {MAX_LOCATIONS} locations' },
      {
        what: 'Pieces of a dictionary',
        limit:
          '{MAX_PIECES}; of all dictionaries {MAX_KEPT_PIECES}, counted for each column that uses them; copied bytes: {FREE_BYTES:bytes} + {TIMES_RECEIVED} times the received bytes',
      },
      {
        what: 'Decompressed buffers of a message',
        limit: '{MAX_UNCOMPRESSED_BYTES:bytes}; LZ4 at most {MAX_RATIO} to 1',
      },
      { what: 'JSON and nested values of one step', limit: '{MAX_WRITTEN_BYTES:bytes}' },
      { what: 'Text of one column of a batch', limit: '{MAX_STRING_BYTES:bytes}' },
      { what: 'Depth of JSONB', limit: '{jsonb/MAX_DEPTH} levels; decimals with {MAX_SCALE} places' },
      {
        what: 'Rows of a column without buffers',
        limit: '{MAX_BODILESS_ROWS}; of all in a batch {MAX_BODILESS_CELLS}',
      },
      { what: 'Names and labels of a frame', limit: '{MAX_HEADER_CHARACTERS:bytes}' },
      { what: 'Notices of a frame', limit: '{MAX_NOTICES}' },
      { what: 'Keys of maps and JSON objects', limit: '{MAX_KEY_CHARACTERS} characters' },
      {
        what: 'Messages that wait for their consumer',
        limit: '{MAX_QUEUED}, and the window of {STREAM_WINDOW_BYTES:bytes}',
      },
      { what: 'Bytes of messages without Arrow data', limit: '{MAX_SKIPPED_BYTES:bytes}' },
    ],
  },
  {
    title: 'Connections',
    limits: [
      {
        what: 'Connections of a data source to its server',
        limit: '{flight-sql/connections/MAX_CONNECTIONS}, or {MAX_SPREAD} if the name has several addresses',
      },
      { what: 'Addresses of a name', limit: '{MAX_ADDRESSES}; one that failed is used last for {AVOIDED_MS:ms}' },
      {
        what: 'Connection to the server',
        limit: '{CONNECT_LIMIT_MS:ms}; next address after {network/connect/ATTEMPT_MS:ms}',
      },
      { what: 'Instance of a data source without queries', limit: 'kept for {IDLE_LIMIT_MS:ms}' },
      { what: 'Connections from Grafana', limit: '{grafana/open-connections/MAX_CONNECTIONS}' },
      { what: 'HTTP/2: connection preface and first settings', limit: '{HANDSHAKE_MS:ms}' },
      { what: 'HTTP/2: streams that a peer resets', limit: '{RESETS_PER_SECOND} per second, {RESET_BURST} at once' },
      {
        what: 'HTTP/2: frames without content (PING, SETTINGS, small DATA, …)',
        limit: '{FRAMES_PER_SECOND} per second, {FRAME_BURST} at once, and more for DATA in either direction',
      },
      { what: 'HTTP/2: entries of a SETTINGS frame', limit: '{http2/src/settings/MAX_ENTRIES}' },
      {
        what: 'HTTP/2: replies that the peer does not read',
        limit: '{MAX_REPLIES}; {MAX_WAITING_BYTES:bytes} of output',
      },
      { what: 'HTTP/2: header list of a response of the server', limit: '{HEADER_BYTES:bytes}' },
    ],
  },
  {
    title: 'Sign-in',
    limits: [
      {
        what: 'Response of an identity provider',
        limit: '{provider-http/MAX_BODY_BYTES:bytes}; URL of an endpoint: {MAX_URL_LENGTH} characters',
      },
      {
        what: 'Sign-ins of Save & test for a data source',
        limit:
          'one in {CHECK_PAUSE_MS:ms}, {MAX_CHECKS_IN_HOUR} in an hour, none before the end of `Retry-After`; changed credentials begin again',
      },
      {
        what: 'Discovery, keys',
        limit:
          '{discovery/TIME_LIMIT_MS:ms}, {key-set/TIME_LIMIT_MS:ms}; discovery and token together {REQUEST_LIMIT_MS:ms}',
      },
      {
        what: 'Token requests at a provider',
        limit:
          '{MAX_RUNNING} at the same time; others wait, and fail after {LONGEST_WAIT_MS:ms} in which no request succeeded',
      },
      {
        what: 'Renewal of a token',
        limit:
          'when {RENEW_BEFORE_SHARE:share} of its lifetime is left, or {RENEW_BEFORE_MS:ms} if that is longer, but not in the first half of its lifetime',
      },
      {
        what: 'Pause after a failed token request',
        limit:
          '{failure-memory/FIRST_PAUSE_MS:ms}, growing to {LONGEST_PAUSE_MS:ms} after rejected credentials; `Retry-After` up to {LONGEST_RETRY_AFTER_MS:ms}',
      },
      { what: 'File with a secret or an assertion', limit: '{allowed-files/MAX_BYTES:bytes}' },
    ],
  },
  {
    title: 'Errors and log lines',
    limits: [
      { what: '`grpc-message` of a server', limit: '{MAX_RECEIVED_MESSAGE_BYTES:bytes}, before it is decoded' },
      { what: 'Message of a server in an error or notice', limit: '{MAX_FOREIGN_CHARACTERS} characters' },
      { what: 'Details of an error', limit: '{MAX_DETAIL_CHARACTERS} characters' },
      {
        what: 'Name of a column, label or macro in a sentence',
        limit: '{foreign-string/MAX_NAME_CHARACTERS} characters, {MAX_LISTED} names in a list',
      },
      { what: 'Text of Save & test', limit: '{MAX_HEALTH_CHARACTERS} characters' },
      {
        what: 'Field of a log line',
        limit: '{logger/MAX_FIELD_CHARACTERS} characters; the line: {MAX_LINE_BYTES} bytes',
      },
      { what: 'Lines about slow queries', limit: '{MAX_LINES_PER_PERIOD} per minute' },
    ],
  },
];
