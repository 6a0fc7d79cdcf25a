/** Value of the column `target` in the log entries with which the server records queries. */
export const AUDIT_TARGET = 'flightsql_query_audit';
