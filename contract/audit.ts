/** The `target` of the server's audit records: log entries that record queries. */
export const AUDIT_TARGET = 'flightsql_query_audit';
