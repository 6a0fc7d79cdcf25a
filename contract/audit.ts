/** Target of the log entries in which the server records queries. */
export const AUDIT_TARGET = 'flightsql_query_audit';
