/** The target of the server's records of queries, which are log entries. */
export const AUDIT_TARGET = 'flightsql_query_audit';
